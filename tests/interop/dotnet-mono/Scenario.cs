// syncLead and getLead with .NET's SoapHttpClientProtocol and the proxy that wsdl makes. Prints one JSON object: what
// each step was answered.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Web.Script.Serialization;
using System.Web.Services.Protocols;
using System.Xml;

public static class Scenario
{
    static readonly string Endpoint = Environment.GetEnvironmentVariable("MARKETO_SOAP_ENDPOINT"); // http://127.0.0.1:6586/soap/mktows/3_1
    static readonly string UserId = Environment.GetEnvironmentVariable("MARKETO_USER_ID");      // mockmkto
    internal static readonly string Key = Environment.GetEnvironmentVariable("MARKETO_ENCRYPTION_KEY");  // mockmkto-encryption-key

    internal static readonly MktMktowsApiService Client = new MktMktowsApiService { Url = Endpoint };

    internal static AuthenticationHeaderInfo Authentication(string key)
    {
        string timestamp = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ");
        using (var hmac = new HMACSHA1(Encoding.UTF8.GetBytes(key)))
        {
            byte[] signature = hmac.ComputeHash(Encoding.UTF8.GetBytes(timestamp + UserId));
            return new AuthenticationHeaderInfo
            {
                mktowsUserId = UserId,
                requestSignature = BitConverter.ToString(signature).Replace("-", "").ToLowerInvariant(),
                requestTimestamp = timestamp,
            };
        }
    }

    static LeadRecord Lead(string email, string foreignId = null)
    {
        var lead = new LeadRecord { Email = email };
        if (foreignId != null)
        {
            lead.ForeignSysPersonId = foreignId;
            lead.ForeignSysType = ForeignSysType.CUSTOM;
            lead.ForeignSysTypeSpecified = true;    // or the type is not sent
        }
        return lead;
    }

    static object Sync(LeadRecord lead, Dictionary<string, string> attributes, bool returnLead = false,
        string workspace = null, string key = null)
    {
        lead.leadAttributeList =
            attributes.Select(pair => new Attribute { attrName = pair.Key, attrValue = pair.Value }).ToArray();
        Client.AuthenticationHeader = Authentication(key ?? Key);
        Client.MktowsContextHeader =
            workspace == null ? null : new MktowsContextHeaderInfo { targetWorkspace = workspace };
        var result = Client.syncLead(new ParamsSyncLead { leadRecord = lead, returnLead = returnLead }).result;
        var status = result.syncStatus;
        return new
        {
            leadId = result.leadId,
            syncStatus = new { leadId = status.leadId, status = status.status.ToString(), error = status.error },
            leadRecord = result.leadRecord == null ? null : Record(result.leadRecord),
        };
    }

    static object Record(LeadRecord lead)
    {
        return new
        {
            Id = lead.Id,
            Email = lead.Email,
            ForeignSysPersonId = lead.ForeignSysPersonId,
            ForeignSysType = lead.ForeignSysType == null ? null : lead.ForeignSysType.ToString(),
            attributes = lead.leadAttributeList.Select(item => new[] { item.attrName, item.attrType, item.attrValue }),
        };
    }

    static object Fault(Func<object> call)
    {
        try
        {
            return call();
        }
        catch (SoapException fault)
        {
            XmlNode exception = fault.Detail.FirstChild;
            return new
            {
                faultcode = "SOAP-ENV:" + fault.Code.Name,
                faultstring = fault.Message,
                name = exception["name"].InnerText,
                message = exception["message"].InnerText,
                code = exception["code"].InnerText,
            };
        }
    }

    public static void Main()
    {
        var steps = new Dictionary<string, object>();
        var nothing = new Dictionary<string, string>();
        var ann = new Dictionary<string, string> { { "FirstName", "Ann" } };

        steps["operations"] = typeof(MktMktowsApiService).GetMethods()
            .Where(method => method.IsDefined(typeof(SoapDocumentMethodAttribute), false))
            .Select(method => method.Name).OrderBy(name => name);

        steps["created"] = Sync(Lead("ann@example.com"), ann);
        steps["updated"] = Sync(Lead("ann@example.com"), ann);

        steps["linked"] = Sync(
            Lead("ann@example.com", "CRM-1"), new Dictionary<string, string> { { "LastName", "Lee" } });
        steps["moved"] = Sync(Lead("ann.lee@example.com", "CRM-1"), nothing, returnLead: true);

        steps["workspace"] = Sync(
            Lead("kenji@example.com"), new Dictionary<string, string> { { "FirstName", "Kenji" } }, workspace: "EMEA");

        steps["record"] = Sync(
            Lead("ann.lee@example.com"),
            new Dictionary<string, string>
            {
                { "Company", "Lee & Co" },
                { "DoNotCall", "true" },
                { "LeadScore", "7" },
                { "AnnualRevenue", "28970000" },
                { "DateofBirth", "1971-11-30" },
            },
            returnLead: true);

        Client.AuthenticationHeader = Authentication(Key);
        var leadKey = new LeadKey { keyType = LeadKeyRef.EMAIL, keyValue = "ann.lee@example.com" };
        var found = Client.getLead(new ParamsGetLead { leadKey = leadKey }).result;
        steps["found"] = new { count = found.count, leads = found.leadRecordList.Select(Record) };

        steps["texts"] = Sync(
            Lead("texts@example.com"),
            new Dictionary<string, string>
            {
                { "FirstName", "Zoë 由紀 🕓" },
                { "LastName", "<O'Neil & \"Sons\">" },
                { "Address", "first line\nsecond line" },
                { "Title", "one\r\ntwo" },
            },
            returnLead: true);

        steps["wrong_key"] = Fault(() => Sync(Lead("ann@example.com"), nothing, key: "not the key"));
        steps["unknown_attribute"] = Fault(
            () => Sync(Lead("ann@example.com"), new Dictionary<string, string> { { "ShoeSize", "43" } }));

        Console.WriteLine(new JavaScriptSerializer().Serialize(steps));
    }
}
