// A lead's whole life with .NET's SoapHttpClientProtocol and the proxy that wsdl makes: ten operations. Prints one JSON
// object: what each step was answered. The header is that of Scenario.cs.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Web.Script.Serialization;
using System.Web.Services.Protocols;

public static class Life
{
    // The header is set anew before each call.
    static MktMktowsApiService Client
    {
        get
        {
            Scenario.Client.AuthenticationHeader = Scenario.Authentication(Scenario.Key);
            return Scenario.Client;
        }
    }

    static Attribute[] Attributes(params string[] pairs)
    {
        return Enumerable.Range(0, pairs.Length / 2)
            .Select(i => new Attribute { attrName = pairs[2 * i], attrValue = pairs[2 * i + 1] }).ToArray();
    }

    static LeadRecord Lead(string email, params string[] pairs)
    {
        return new LeadRecord { Email = email, leadAttributeList = Attributes(pairs) };
    }

    static LeadKey KeyOf(int id)
    {
        return new LeadKey { keyType = LeadKeyRef.IDNUM, keyValue = id.ToString() };
    }

    static Attribute[] MergeKey(int id)
    {
        return Attributes("IDNUM", id.ToString());
    }

    static object OnNewsletter(ListOperationType operation, params int[] ids)
    {
        var result = Client.listOperation(new ParamsListOperation
        {
            listOperation = operation,
            listKey = new ListKey { keyType = ListKeyType.MKTOLISTNAME, keyValue = "Newsletter" },
            listMemberList = ids.Select(KeyOf).ToArray(),
        }).result;
        return new
        {
            success = result.success,
            statuses = result.statusList.Select(
                item => new object[] { item.leadKey.keyType.ToString(), item.leadKey.keyValue, item.status }),
        };
    }

    static IEnumerable<object> Members()
    {
        var query = new ParamsGetMultipleLeads
        {
            leadSelector = new StaticListSelector { staticListName = "Newsletter" },
            batchSize = 3,
            batchSizeSpecified = true,      // or the size is not sent
            includeAttributes = new[] { "FirstName" },
        };
        while (true)
        {
            var result = Client.getMultipleLeads(query).result;
            yield return result.leadRecordList
                .Select(lead => new object[] { lead.Id, lead.leadAttributeList[0].attrValue }).ToArray();
            if (result.remainingCount == 0) yield break;
            query.leadSelector = null;
            query.streamPosition = result.newStreamPosition;
        }
    }

    static IEnumerable<object> Activity(int id)
    {
        var query = new ParamsGetLeadActivity { leadKey = KeyOf(id), batchSize = 2, batchSizeSpecified = true };
        while (true)
        {
            var list = Client.getLeadActivity(query).leadActivityList;
            yield return list.activityRecordList
                .Select(item => new[] { item.activityType, item.mktgAssetName }).ToArray();
            if (list.remainingCount == 0) yield break;
            query.startPosition = list.newStartPosition;
        }
    }

    static IEnumerable<object> Changes()
    {
        var oldest = new DateTime(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var query = new ParamsGetLeadChanges
        {
            startPosition = new StreamPosition { oldestCreatedAt = oldest, oldestCreatedAtSpecified = true },
            activityFilter = new ActivityTypeFilter
            {
                includeTypes = new[] { ActivityType.AddToList, ActivityType.ChangeDataValue },
            },
            batchSize = 3,
            batchSizeSpecified = true,
        };
        while (true)
        {
            var result = Client.getLeadChanges(query).result;
            yield return result.leadChangeRecordList
                .Select(item => new[] { item.mktPersonId, item.activityType, item.mktgAssetName }).ToArray();
            if (result.remainingCount == 0) yield break;
            query.startPosition = result.newStartPosition;
        }
    }

    public static void Main()
    {
        var steps = new Dictionary<string, object>();

        steps["objects"] = Client.listMObjects(new ParamsListMObjects()).result;

        var metadata = Client.describeMObject(new ParamsDescribeMObject { objectName = "LeadRecord" }).result.metadata;
        var field = metadata.fieldList.Single(item => item.name == "FirstName");
        steps["fields"] = new object[] { metadata.name, field.displayName, field.dataType, field.size };

        var statuses = Client.syncMultipleLeads(new ParamsSyncMultipleLeads
        {
            leadRecordList = new[]
            {
                Lead("ann@example.com", "FirstName", "Ann"),
                Lead("bob@example.com", "FirstName", "Bob", "City", "Rome"),
                Lead("carol@example.com", "FirstName", "Carol", "Company", "Lee & Co"),
                Lead("dan@example.com", "ShoeSize", "43"),
            },
            dedupEnabled = true,
            dedupEnabledSpecified = true,
        }).result.syncStatusList;
        steps["synced"] = statuses.Select(item => new object[] { item.leadId, item.status.ToString(), item.error });
        int ann = statuses[0].leadId, bob = statuses[1].leadId, carol = statuses[2].leadId;

        steps["added"] = OnNewsletter(ListOperationType.ADDTOLIST, ann, bob, carol, 999);
        steps["asked"] = OnNewsletter(ListOperationType.ISMEMBEROFLIST, ann, 999);
        steps["members"] = Members().ToArray();

        var source = new ParamsGetCampaignsForSource { source = ReqCampSourceType.MKTOWS };
        steps["campaigns"] = Client.getCampaignsForSource(source).result.campaignRecordList
            .Select(item => new object[] { item.id, item.name });

        steps["requested"] = Client.requestCampaign(new ParamsRequestCampaign
        {
            source = ReqCampSourceType.MKTOWS,
            leadList = new[] { KeyOf(ann), KeyOf(bob) },
            programName = "Welcome",
            campaignName = "Send Letter",
            programTokenList = new[] { new Attrib { name = "{{my.subject}}", value = "Hi Ann & Bob" } },
        }).result.success;

        steps["activity"] = Activity(ann).ToArray();
        steps["changes"] = Changes().ToArray();

        var merged = Client.mergeLeads(new ParamsMergeLeads
        {
            winningLeadKeyList = MergeKey(ann),
            losingLeadKeyLists = new[] { MergeKey(bob), MergeKey(carol) },
        }).result.mergeStatus;
        steps["merged"] = new object[] { merged.status.ToString(), merged.winningLeadId, merged.losingLeadIdList };

        var found = Client.getLead(new ParamsGetLead { leadKey = KeyOf(ann) }).result.leadRecordList[0];
        steps["found"] = new
        {
            Id = found.Id,
            Email = found.Email,
            attributes = found.leadAttributeList.Select(item => new[] { item.attrName, item.attrType, item.attrValue }),
        };

        try
        {
            Client.getLead(new ParamsGetLead { leadKey = KeyOf(bob) });
        }
        catch (SoapException fault)
        {
            steps["gone"] = fault.Message;
        }

        Console.WriteLine(new JavaScriptSerializer().Serialize(steps));
    }
}
