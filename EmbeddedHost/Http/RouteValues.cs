using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tiering.EmbeddedHost.Hosting;

namespace Tiering.EmbeddedHost.Http;

/// <summary>Gives functions the values of their routes, by name.</summary>
internal static class RouteValues
{
    /// <summary>Null when a route value cannot be of this type.</summary>
    public static Func<Invocation, object?>? Binder(string name, Type type, ParameterInfo parameter)
    {
        Type target = Nullable.GetUnderlyingType(type) ?? type;
        if (target == typeof(string))
            return invocation => Read(invocation, name) ?? Missing(parameter);
        TypeConverter converter = TypeDescriptor.GetConverter(target);
        if (!converter.CanConvertFrom(typeof(string)))
            return null;
        return invocation => Read(invocation, name) is { } text ? Convert(converter, text, name) : Missing(parameter);
    }

    private static string? Read(Invocation invocation, string name)
    {
        HttpContext http = (HttpContext)invocation.Trigger!;
        return http.GetRouteValue(name) is { } value
            ? System.Convert.ToString(value, CultureInfo.InvariantCulture)
            : http.Request.Query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues query) ? query.ToString() : null;
    }

    private static object? Missing(ParameterInfo parameter) => parameter switch
    {
        { HasDefaultValue: true } => parameter.DefaultValue,
        { ParameterType.IsValueType: true } when Nullable.GetUnderlyingType(parameter.ParameterType) is null => Activator.CreateInstance(parameter.ParameterType),
        _ => null,
    };

    private static object? Convert(TypeConverter converter, string text, string name)
    {
        try
        {
            return converter.ConvertFromInvariantString(text);
        }
        catch (Exception unfit) when (unfit is ArgumentException or FormatException or NotSupportedException)
        {
            throw new BadHttpRequestException($"The route value '{name}' is not valid.", unfit);
        }
    }
}
