// A lead's whole life with Axis 1.4 and the beans that its WSDL2Java makes with -w: ten operations. Prints one JSON object:
// what each step was answered. The headers and the texts of JSON are those of Scenario.java.

import com.marketo.beans.*;
import java.net.URL;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.axis.AxisFault;
import org.apache.axis.client.Stub;

public class Life {
    static MktowsPort port;

    // The headers are set on the stub anew before each call.
    static MktowsPort port() throws Exception {
        Scenario.setHeaders((Stub) port, Scenario.KEY, null);
        return port;
    }

    static ArrayOfAttribute attributes(String... pairs) {
        return new ArrayOfAttribute(IntStream.range(0, pairs.length / 2)
            .mapToObj(i -> new Attribute(pairs[2 * i], null, pairs[2 * i + 1]))
            .toArray(Attribute[]::new));
    }

    static LeadRecord lead(String email, String... pairs) {
        LeadRecord lead = new LeadRecord();
        lead.setEmail(email);
        lead.setLeadAttributeList(attributes(pairs));
        return lead;
    }

    static LeadKey key(int id) {
        return new LeadKey(LeadKeyRef.IDNUM, String.valueOf(id));
    }

    static ArrayOfLeadKey keys(int... ids) {
        return new ArrayOfLeadKey(IntStream.of(ids).mapToObj(Life::key).toArray(LeadKey[]::new));
    }

    static ArrayOfAttribute mergeKey(int id) {
        return attributes("IDNUM", String.valueOf(id));
    }

    static Object onNewsletter(ListOperationType operation, int... ids) throws Exception {
        ParamsListOperation params = new ParamsListOperation();
        params.setListOperation(operation);
        params.setListKey(new ListKey(ListKeyType.MKTOLISTNAME, "Newsletter"));
        params.setListMemberList(keys(ids));
        ResultListOperation result = port().listOperation(params).getResult();
        List<Object> statuses = new ArrayList<>();
        for (LeadStatus status : result.getStatusList().getLeadStatus()) {
            LeadKey key = status.getLeadKey();
            statuses.add(Arrays.asList(key.getKeyType().getValue(), key.getKeyValue(), status.isStatus()));
        }
        return Scenario.map("success", result.isSuccess(), "statuses", statuses);
    }

    static List<Object> members() throws Exception {
        ParamsGetMultipleLeads params = new ParamsGetMultipleLeads();
        params.setLeadSelector(new StaticListSelector("Newsletter", null));
        params.setBatchSize(3);
        params.setIncludeAttributes(new ArrayOfString(new String[] {"FirstName"}));
        List<Object> pages = new ArrayList<>();
        while (true) {
            ResultGetMultipleLeads result = port().getMultipleLeads(params).getResult();
            pages.add(Stream.of(result.getLeadRecordList().getLeadRecord())
                .map(lead -> Arrays.asList(lead.getId(), lead.getLeadAttributeList().getAttribute(0).getAttrValue()))
                .collect(Collectors.toList()));
            if (result.getRemainingCount() == 0) {
                return pages;
            }
            params.setLeadSelector(null);
            params.setStreamPosition(result.getNewStreamPosition());
        }
    }

    static List<Object> activity(int id) throws Exception {
        ParamsGetLeadActivity params = new ParamsGetLeadActivity(key(id), null, null, 2);
        List<Object> pages = new ArrayList<>();
        while (true) {
            LeadActivityList list = port().getLeadActivity(params).getLeadActivityList();
            pages.add(Stream.of(list.getActivityRecordList().getActivityRecord())
                .map(activity -> Arrays.asList(activity.getActivityType(), activity.getMktgAssetName()))
                .collect(Collectors.toList()));
            if (list.getRemainingCount() == 0) {
                return pages;
            }
            params.setStartPosition(list.getNewStartPosition());
        }
    }

    static List<Object> changes() throws Exception {
        Calendar oldest = Calendar.getInstance();
        oldest.setTime(Date.from(Instant.parse("2014-01-01T00:00:00Z")));
        ActivityType[] types = {ActivityType.AddToList, ActivityType.ChangeDataValue};
        ParamsGetLeadChanges params = new ParamsGetLeadChanges();
        params.setStartPosition(new StreamPosition(null, oldest, null, null));
        params.setActivityFilter(new ActivityTypeFilter(new ArrayOfActivityType(types), null));
        params.setBatchSize(3);
        List<Object> pages = new ArrayList<>();
        while (true) {
            ResultGetLeadChanges result = port().getLeadChanges(params).getResult();
            pages.add(Stream.of(result.getLeadChangeRecordList().getLeadChangeRecord())
                .map(change -> Arrays.asList(
                    change.getMktPersonId(), change.getActivityType(), change.getMktgAssetName()))
                .collect(Collectors.toList()));
            if (result.getRemainingCount() == 0) {
                return pages;
            }
            params.setStartPosition(result.getNewStartPosition());
        }
    }

    public static void main(String[] args) throws Exception {
        port = new MktMktowsApiServiceLocator().getMktowsApiSoapPort(new URL(Scenario.ENDPOINT));

        Map<String, Object> steps = new LinkedHashMap<>();

        steps.put("objects", Arrays.asList(port().listMObjects(new ParamsListMObjects()).getResult().getObjects()));

        MObjectMetadata metadata =
            port().describeMObject(new ParamsDescribeMObject("LeadRecord")).getResult().getMetadata();
        for (MObjFieldMetadata field : metadata.getFieldList().getField()) {
            if (field.getName().equals("FirstName")) {
                steps.put("fields", Arrays.asList(
                    metadata.getName(), field.getDisplayName(), field.getDataType(), field.getSize()));
            }
        }

        ArrayOfLeadRecord leads = new ArrayOfLeadRecord(new LeadRecord[] {
            lead("ann@example.com", "FirstName", "Ann"),
            lead("bob@example.com", "FirstName", "Bob", "City", "Rome"),
            lead("carol@example.com", "FirstName", "Carol", "Company", "Lee & Co"),
            lead("dan@example.com", "ShoeSize", "43"),
        });
        SyncStatus[] statuses = port().syncMultipleLeads(new ParamsSyncMultipleLeads(leads, true)).getResult()
            .getSyncStatusList().getSyncStatus();
        steps.put("synced", Stream.of(statuses)
            .map(status -> Arrays.asList(status.getLeadId(), status.getStatus().getValue(), status.getError()))
            .collect(Collectors.toList()));
        int ann = statuses[0].getLeadId();
        int bob = statuses[1].getLeadId();
        int carol = statuses[2].getLeadId();

        steps.put("added", onNewsletter(ListOperationType.ADDTOLIST, ann, bob, carol, 999));
        steps.put("asked", onNewsletter(ListOperationType.ISMEMBEROFLIST, ann, 999));
        steps.put("members", members());

        ParamsGetCampaignsForSource source = new ParamsGetCampaignsForSource(ReqCampSourceType.MKTOWS, null, null);
        steps.put("campaigns", Stream.of(
            port().getCampaignsForSource(source).getResult().getCampaignRecordList().getCampaignRecord())
            .map(campaign -> Arrays.asList((Object) campaign.getId(), campaign.getName()))
            .collect(Collectors.toList()));

        Attrib token = new Attrib("{{my.subject}}", "Hi Ann & Bob");
        steps.put("requested", port().requestCampaign(new ParamsRequestCampaign(
            ReqCampSourceType.MKTOWS, null, keys(ann, bob), "Welcome", "Send Letter",
            new ArrayOfAttrib(new Attrib[] {token})))
            .getResult().isSuccess());

        steps.put("activity", activity(ann));
        steps.put("changes", changes());

        // An array of arrays, which is what losingLeadKeyLists is without -w, is written wrong by Axis.
        ParamsMergeLeads merge = new ParamsMergeLeads();
        merge.setWinningLeadKeyList(mergeKey(ann));
        merge.setLosingLeadKeyLists(new ArrayOfKeyList(new ArrayOfAttribute[] {mergeKey(bob), mergeKey(carol)}));
        MergeStatus merged = port().mergeLeads(merge).getResult().getMergeStatus();
        steps.put("merged", Arrays.asList(
            merged.getStatus().getValue(),
            merged.getWinningLeadId(),
            IntStream.of(merged.getLosingLeadIdList().getIntegerItem()).boxed().collect(Collectors.toList())));

        LeadRecord found =
            port().getLead(new ParamsGetLead(key(ann))).getResult().getLeadRecordList().getLeadRecord(0);
        steps.put("found", Scenario.map(
            "Id", found.getId(),
            "Email", found.getEmail(),
            "attributes", Stream.of(found.getLeadAttributeList().getAttribute())
                .map(item -> Arrays.asList(item.getAttrName(), item.getAttrType(), item.getAttrValue()))
                .collect(Collectors.toList())));

        try {
            port().getLead(new ParamsGetLead(key(bob)));
        } catch (AxisFault fault) {
            steps.put("gone", fault.getFaultString());
        }

        System.out.println(Json.text(steps));
    }
}
