using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Tiering.EmbeddedHost.Hosting;

/// <summary>The application's functions, found by their attributes and checked before anything runs.</summary>
internal sealed class FunctionCatalog
{
    private const BindingFlags Methods = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    /// <exception cref="InvalidOperationException">Some are not right; the message names each and what is wrong with it.</exception>
    public FunctionCatalog(IEnumerable<Type> types)
    {
        List<string> errors = [];
        List<FunctionInfo> found = [];
        foreach (MethodInfo method in types.SelectMany(type => type.GetMethods(Methods)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } attribute && Describe(attribute, method, errors) is { } function)
                found.Add(function);
        }
        errors.AddRange(found.GroupBy(function => function.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1)
            .Select(group => $"The name '{group.Key}' is that of several functions: {string.Join(", ", group.Select(function => function.Definition.EntryPoint))}."));
        if (errors.Count > 0)
            throw new InvalidOperationException($"The functions cannot be used. {string.Join(' ', errors)}");
        All = found;
    }

    public IReadOnlyList<FunctionInfo> All { get; }

    public IEnumerable<FunctionInfo> With<TTrigger>()
        where TTrigger : Attribute => All.Where(function => function.Trigger is TTrigger);

    private static FunctionInfo? Describe(FunctionAttribute attribute, MethodInfo method, List<string> errors)
    {
        string entry = $"{method.DeclaringType!.FullName}.{method.Name}";
        (ParameterInfo Parameter, Attribute Trigger)[] triggers = [.. method.GetParameters().SelectMany(
            parameter => parameter.GetCustomAttributes().Where(IsTrigger).Select(trigger => (parameter, trigger)))];
        if (string.IsNullOrWhiteSpace(attribute.Name))
            errors.Add($"{entry}: its name is empty.");
        else if (triggers.Length != 1)
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{entry}: a function has one trigger, and this has {triggers.Length}."));
        else if (method.ContainsGenericParameters)
            errors.Add($"{entry}: a function cannot be generic.");
        else if (triggers[0].Trigger is HttpTriggerAttribute { AuthLevel: AuthorizationLevel.User })
            errors.Add($"{entry}: the authorization level User is not supported.");
        else
            return new(new(IdOf(entry), attribute.Name, entry, method.DeclaringType.Assembly.Location), method, triggers[0].Parameter, triggers[0].Trigger);
        return null;
    }

    private static bool IsTrigger(Attribute attribute) =>
        attribute is HttpTriggerAttribute or TimerTriggerAttribute or OrchestrationTriggerAttribute or ActivityTriggerAttribute;

    private static string IdOf(string entry) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(entry)))[..16];
}
