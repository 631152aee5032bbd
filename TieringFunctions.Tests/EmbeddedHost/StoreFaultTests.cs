using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Tiering.EmbeddedHost;
using Tiering.EmbeddedHost.Administration;
using Tiering.EmbeddedHost.Durable;
using Tiering.EmbeddedHost.Durable.Client;
using Tiering.EmbeddedHost.Engine;
using Tiering.Tests.Support;

namespace Tiering.Tests.EmbeddedHost;

/// <summary>The fault table of the embedded host's README, line by line, as far as it is about the task hub's file.</summary>
public sealed class StoreFaultTests
{
    [Test]
    public async Task TaskHub_InUse_IsRefusedToASecondHost()
    {
        await using TestHost first = await TestHost.StartAsync(typeof(FaultPrograms));
        Func<Task> second = () => TestHost.StartAsync(
            builder => builder.Services.Configure<EmbeddedHostOptions>(options => options.DatabasePath = first.DatabasePath), typeof(FaultPrograms));
        (await second.Should().ThrowAsync<TaskHubUnavailableException>()).WithMessage("*in use by another process*");
    }

    [Test]
    public async Task TaskHub_OfANewerVersion_IsRefused()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        await host.StopAsync();
        Execute(host, "PRAGMA user_version = 99");
        await host.Awaiting(stopped => stopped.StartAsync()).Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*version 99*");
    }

    [Test]
    public async Task Store_LockedByAnotherProgram_FailsRequests_AndGoesOnByItself()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        FaultPrograms.Gate.Reset();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForGate));
        await FaultPrograms.Gate.Entered();
        using (SqliteConnection thief = Open(host))
        {
            using SqliteCommand command = thief.CreateCommand();
            command.CommandText = "BEGIN IMMEDIATE";
            command.ExecuteNonQuery();
            FaultPrograms.Gate.Open();
            await host.Awaiting(up => up.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForGate)))
                .Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*locked*");
            Health(host).Status.Should().Be(HealthStatus.Unhealthy);
            command.CommandText = "ROLLBACK";
            command.ExecuteNonQuery();
        }
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("through", "what was done meanwhile is not lost");
        Health(host).Status.Should().Be(HealthStatus.Healthy);
    }

    [Test]
    public async Task Store_OnAFullDisk_FailsRequests_AndGoesOnWhenThereIsSpace()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        await host.StopAsync();
        Execute(host, "PRAGMA journal_mode = WAL");
        await host.StartAsync();
        Hinder(host, "PRAGMA max_page_count = 1");
        await host.Awaiting(full => full.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.Echo), new string('x', 200_000)))
            .Should().ThrowAsync<TaskHubUnavailableException>().WithMessage("*full*");
        Hinder(host, "PRAGMA max_page_count = 1000000");
        (await host.RunAsync(nameof(FaultPrograms.Echo), "y")).ReadOutputAs<string>().Should().Be("y");
    }

    [Test]
    public async Task Store_ThatIsReadOnly_FailsRequests_KeepsWork_AndGoesOnByItself()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        FaultPrograms.Gate.Reset();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForGate));
        await FaultPrograms.Gate.Entered();
        Hinder(host, "PRAGMA query_only = 1");
        FaultPrograms.Gate.Open();
        (await host.Awaiting(up => up.Client.RaiseEventAsync(id, "go")).Should().ThrowAsync<TaskHubUnavailableException>()).WithMessage("*cannot be written*");
        Health(host).Status.Should().Be(HealthStatus.Unhealthy);
        (await host.Client.GetInstanceAsync(id))!.RuntimeStatus.Should().Be(OrchestrationRuntimeStatus.Running, "reading goes on");
        Hinder(host, "PRAGMA query_only = 0");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("through");
    }

    [Test]
    public async Task Log_ThatLostItsLastWrites_IsReadToTheLastWholeCommit()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        for (int i = 0; i < 12; i++)
            await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.EchoThenWaits), $"{i}", new StartOrchestrationOptions($"i{i}"));
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        for (int i = 0; i < 12; i++) // they wait, and nothing is written any more
            await Eventually.IsTrueAsync(() => administration.Inspect($"i{i}").Any(line => line.Contains("returned", StringComparison.Ordinal)));
        byte[] database = await File.ReadAllBytesAsync(host.DatabasePath);
        byte[] log = await File.ReadAllBytesAsync(host.DatabasePath + "-wal");
        await host.StopAsync();
        int most = 0;
        foreach (int part in new[] { 100, 97, 90, 80, 60, 40, 20 })
        {
            // Power was lost: the end of the log never reached the disk, and what is there in its place was never written.
            byte[] torn = log[..(log.Length * part / 100)];
            Array.Fill(torn, (byte)0x5A, torn.Length - Math.Min(700, torn.Length / 2), Math.Min(700, torn.Length / 2));
            await File.WriteAllBytesAsync(host.DatabasePath, database);
            await File.WriteAllBytesAsync(host.DatabasePath + "-wal", torn);
            File.Delete(host.DatabasePath + "-shm");
            await host.StartAsync();
            int found = 0;
            await foreach (OrchestrationMetadata instance in host.Client.GetAllInstancesAsync())
            {
                found++;
                await host.Client.RaiseEventAsync(instance.InstanceId, "go", "on");
                (await host.EndAsync(instance.InstanceId)).ReadOutputAs<string>().Should().Be(instance.InstanceId[1..] + "on");
            }
            host.Services.GetRequiredService<TaskHubAdministration>().ListSetAside().Should().BeEmpty();
            (most == 0 || found <= most).Should().BeTrue("what was lost is the end, and nothing else");
            most = found;
            await host.StopAsync();
        }
    }

    [Test]
    public async Task Files_AreReadableByTheirOwnerOnly()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        await host.RunAsync(nameof(FaultPrograms.Echo), "x");
        string copy = host.DatabasePath + ".copy";
        await host.Services.GetRequiredService<TaskHubAdministration>().BackUpAsync(copy);
        foreach (string file in new[] { host.DatabasePath, host.DatabasePath + "-wal", host.DatabasePath + "-shm", host.DatabasePath + ".lock", copy })
            File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
    }

    [Test]
    public async Task Row_ThatIsDamaged_SetsItsInstanceAside_AndNoOther()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        string bad = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForEvent));
        string good = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForEvent));
        await host.Client.WaitForInstanceStartAsync(bad);
        await host.Client.WaitForInstanceStartAsync(good);
        await host.StopAsync();
        byte[] data = (byte[])Execute(host, $"SELECT data FROM history WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1")!;
        data[3] ^= 0x10;
        Execute(host, $"UPDATE history SET data = x'{Convert.ToHexString(data)}' WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1");
        await host.StartAsync();
        await host.Client.RaiseEventAsync(bad, "go", "b");
        await host.Client.RaiseEventAsync(good, "go", "g");
        (await host.EndAsync(good)).ReadOutputAs<string>().Should().Be("g");
        TaskHubAdministration administration = host.Services.GetRequiredService<TaskHubAdministration>();
        SetAsideInstance held = await host.SetAsideAsync();
        held.InstanceId.Should().Be(bad);
        held.Reason.Should().Contain("checksum");
        administration.Inspect(bad).Should().Contain(line => line.Contains("checksum", StringComparison.Ordinal));
        Health(host).Status.Should().Be(HealthStatus.Degraded);

        data[3] ^= 0x10;
        Execute(host, $"UPDATE history SET data = x'{Convert.ToHexString(data)}' WHERE instance = (SELECT number FROM instances WHERE id = '{bad}') AND row = 1");
        await administration.ReleaseAsync(bad);
        (await host.EndAsync(bad)).ReadOutputAs<string>().Should().Be("b", "what it was told while it was held is told then");
    }

    [Test]
    public async Task BackUp_TakenWhileItRuns_CanBeRestored()
    {
        await using TestHost host = await TestHost.StartAsync(typeof(FaultPrograms));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(nameof(FaultPrograms.WaitsForEvent));
        await host.Client.WaitForInstanceStartAsync(id);
        string copy = host.DatabasePath + ".copy";
        await host.Services.GetRequiredService<TaskHubAdministration>().BackUpAsync(copy);
        await host.Client.TerminateInstanceAsync(id);
        await host.EndAsync(id);
        await host.StopAsync();
        foreach (string file in new[] { "", "-wal", "-shm" })
            File.Delete(host.DatabasePath + file);
        File.Move(copy, host.DatabasePath);
        await host.StartAsync();
        await host.Client.RaiseEventAsync(id, "go", "restored");
        (await host.EndAsync(id)).ReadOutputAs<string>().Should().Be("restored", "it stands where it stood when the copy was taken");
    }

    private static HealthCheckResult Health(TestHost host) => host.Services.GetRequiredService<TaskHubHealthCheck>().Check();

    private static SqliteConnection Open(TestHost host)
    {
        SqliteConnection connection = new($"Data Source={host.DatabasePath};Pooling=False");
        connection.Open();
        return connection;
    }

    private static object? Execute(TestHost host, string sql)
    {
        using SqliteConnection connection = Open(host);
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static void Hinder(TestHost host, string pragma) =>
        host.Services.GetRequiredService<Tiering.EmbeddedHost.Hosting.TaskHubHost>().Hinder(pragma);
}
