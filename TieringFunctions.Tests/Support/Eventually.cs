namespace Tiering.Tests.Support;

/// <summary>Waits for conditions, generously: a slow machine is no failure.</summary>
public static class Eventually
{
    /// <summary>How long anything may take that a test waits for; <c>./test</c> ends a test that is quiet for ten minutes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <exception cref="TimeoutException">It did not come true.</exception>
    public static Task IsTrueAsync(Func<bool> condition) => IsTrueAsync(() => Task.FromResult(condition()));

    /// <exception cref="TimeoutException">It did not come true.</exception>
    public static async Task IsTrueAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource late = new(Limit);
        while (!await condition())
        {
            if (late.IsCancellationRequested)
                throw new TimeoutException($"The condition did not come true within {Limit.TotalSeconds:0} s.");
            await Task.Delay(Tick, CancellationToken.None);
        }
    }
}
