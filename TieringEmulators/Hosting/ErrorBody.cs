using System.Globalization;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Tiering.Emulators.Hosting;

/// <summary>Answers an error as the storage services do: the code in a header and, where a body may be, in XML.</summary>
internal static class ErrorBody
{
    public static async Task WriteAsync(HttpContext http, StorageException exception)
    {
        HttpResponse response = http.Response;
        foreach (string name in response.Headers.Keys.Where(name => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)).ToList())
            response.Headers.Remove(name);
        response.StatusCode = exception.Status;
        response.Headers["x-ms-error-code"] = exception.Code;
        if (exception.Status == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (HttpMethods.IsHead(http.Request.Method) || exception.Status == StatusCodes.Status304NotModified)
            return;
        response.ContentType = "application/xml";
        string message = string.Create(CultureInfo.InvariantCulture,
            $"{exception.Message}\nRequestId:{response.Headers["x-ms-request-id"]}\nTime:{response.Headers.Date}");
        XDocument document = new(new XElement("Error", new XElement("Code", exception.Code), new XElement("Message", Printable(message))));
        using MemoryStream body = new();
        document.Save(body, SaveOptions.DisableFormatting);
        response.ContentLength = body.Length;
        body.Position = 0;
        await body.CopyToAsync(response.Body, http.RequestAborted);
    }

    private static string Printable(string text) => string.Concat(text.Select(c => c == '\n' || (!char.IsControl(c) && !char.IsSurrogate(c) && c < '\uFFFE') ? c : '?'));
}
