// A lead's whole life with JAX-WS and the classes that wsimport makes: ten operations. Prints one JSON object: what each
// step was answered. The header and the texts of JSON are those of Scenario.java.

import com.marketo.mktows.*;
import java.net.URL;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.soap.SOAPFaultException;

public class Life {
    static final ObjectFactory FACTORY = new ObjectFactory();
    static MktowsPort port;

    static AuthenticationHeader authentication() throws Exception {
        return Scenario.authentication(Scenario.KEY);
    }

    static ArrayOfAttribute attributes(String... pairs) {
        ArrayOfAttribute list = new ArrayOfAttribute();
        for (int i = 0; i < pairs.length; i += 2) {
            Attribute attribute = new Attribute();
            attribute.setAttrName(pairs[i]);
            attribute.setAttrValue(pairs[i + 1]);
            list.getAttributes().add(attribute);
        }
        return list;
    }

    static LeadRecord lead(String email, String... pairs) {
        LeadRecord lead = new LeadRecord();
        lead.setEmail(FACTORY.createLeadRecordEmail(email));
        lead.setLeadAttributeList(FACTORY.createLeadRecordLeadAttributeList(attributes(pairs)));
        return lead;
    }

    static LeadKey key(int id) {
        LeadKey key = new LeadKey();
        key.setKeyType(LeadKeyRef.IDNUM);
        key.setKeyValue(String.valueOf(id));
        return key;
    }

    static ArrayOfLeadKey keys(int... ids) {
        ArrayOfLeadKey keys = new ArrayOfLeadKey();
        for (int id : ids) {
            keys.getLeadKeies().add(key(id));
        }
        return keys;
    }

    static ArrayOfAttribute mergeKey(int id) {
        return attributes("IDNUM", String.valueOf(id));
    }

    static Object onNewsletter(ListOperationType operation, int... ids) throws Exception {
        ListKey list = new ListKey();
        list.setKeyType(ListKeyType.MKTOLISTNAME);
        list.setKeyValue("Newsletter");
        ParamsListOperation params = new ParamsListOperation();
        params.setListOperation(operation);
        params.setListKey(list);
        params.setListMemberList(keys(ids));
        ResultListOperation result = port.listOperation(params, authentication()).getResult();
        List<Object> statuses = new ArrayList<>();
        for (LeadStatus status : result.getStatusList().getValue().getLeadStatuses()) {
            LeadKey key = status.getLeadKey();
            statuses.add(Arrays.asList(key.getKeyType().value(), key.getKeyValue(), status.isStatus()));
        }
        return Scenario.map("success", result.isSuccess(), "statuses", statuses);
    }

    static List<Object> members() throws Exception {
        StaticListSelector newsletter = new StaticListSelector();
        newsletter.setStaticListName(FACTORY.createStaticListSelectorStaticListName("Newsletter"));
        ParamsGetMultipleLeads params = new ParamsGetMultipleLeads();
        params.setLeadSelector(newsletter);
        params.setBatchSize(FACTORY.createParamsGetMultipleLeadsBatchSize(3));
        params.setIncludeAttributes(new ArrayOfString());
        params.getIncludeAttributes().getStringItems().add("FirstName");
        List<Object> pages = new ArrayList<>();
        while (true) {
            ResultGetMultipleLeads result = port.getMultipleLeads(params, authentication()).getResult();
            List<Object> page = new ArrayList<>();
            for (LeadRecord lead : result.getLeadRecordList().getValue().getLeadRecords()) {
                Attribute name = lead.getLeadAttributeList().getValue().getAttributes().get(0);
                page.add(Arrays.asList(lead.getId().getValue(), name.getAttrValue()));
            }
            pages.add(page);
            if (result.getRemainingCount() == 0) {
                return pages;
            }
            params.setLeadSelector(null);
            params.setStreamPosition(FACTORY.createParamsGetMultipleLeadsStreamPosition(result.getNewStreamPosition()));
        }
    }

    static List<Object> activity(int id) throws Exception {
        ParamsGetLeadActivity params = new ParamsGetLeadActivity();
        params.setLeadKey(key(id));
        params.setBatchSize(FACTORY.createParamsGetLeadActivityBatchSize(2));
        List<Object> pages = new ArrayList<>();
        while (true) {
            LeadActivityList list = port.getLeadActivity(params, authentication()).getLeadActivityList();
            List<Object> page = new ArrayList<>();
            for (ActivityRecord activity : list.getActivityRecordList().getValue().getActivityRecords()) {
                page.add(Arrays.asList(activity.getActivityType(), activity.getMktgAssetName()));
            }
            pages.add(page);
            if (list.getRemainingCount() == 0) {
                return pages;
            }
            params.setStartPosition(FACTORY.createParamsGetLeadActivityStartPosition(list.getNewStartPosition()));
        }
    }

    static List<Object> changes() throws Exception {
        StreamPosition position = new StreamPosition();
        position.setOldestCreatedAt(FACTORY.createStreamPositionOldestCreatedAt(
            DatatypeFactory.newInstance().newXMLGregorianCalendar("2014-01-01T00:00:00Z")));
        ActivityTypeFilter filter = new ActivityTypeFilter();
        filter.setIncludeTypes(new ArrayOfActivityType());
        filter.getIncludeTypes().getActivityTypes().add(ActivityType.ADD_TO_LIST);
        filter.getIncludeTypes().getActivityTypes().add(ActivityType.CHANGE_DATA_VALUE);
        ParamsGetLeadChanges params = new ParamsGetLeadChanges();
        params.setStartPosition(position);
        params.setActivityFilter(FACTORY.createParamsGetLeadChangesActivityFilter(filter));
        params.setBatchSize(FACTORY.createParamsGetLeadChangesBatchSize(3));
        List<Object> pages = new ArrayList<>();
        while (true) {
            ResultGetLeadChanges result = port.getLeadChanges(params, authentication()).getResult();
            List<Object> page = new ArrayList<>();
            for (LeadChangeRecord change : result.getLeadChangeRecordList().getValue().getLeadChangeRecords()) {
                page.add(Arrays.asList(
                    change.getMktPersonId(), change.getActivityType(), change.getMktgAssetName().getValue()));
            }
            pages.add(page);
            if (result.getRemainingCount() == 0) {
                return pages;
            }
            params.setStartPosition(result.getNewStartPosition());
        }
    }

    static boolean request(int... ids) throws Exception {
        Attrib token = new Attrib();
        token.setName("{{my.subject}}");
        token.setValue("Hi Ann & Bob");
        ArrayOfAttrib tokens = new ArrayOfAttrib();
        tokens.getAttribs().add(token);
        ParamsRequestCampaign params = new ParamsRequestCampaign();
        params.setSource(ReqCampSourceType.MKTOWS);
        params.setLeadList(FACTORY.createParamsRequestCampaignLeadList(keys(ids)));
        params.setProgramName(FACTORY.createParamsRequestCampaignProgramName("Welcome"));
        params.setCampaignName(FACTORY.createParamsRequestCampaignCampaignName("Send Letter"));
        params.setProgramTokenList(FACTORY.createParamsRequestCampaignProgramTokenList(tokens));
        return port.requestCampaign(params, authentication()).getResult().isSuccess();
    }

    static ResultGetLead get(int id) throws Exception {
        ParamsGetLead params = new ParamsGetLead();
        params.setLeadKey(key(id));
        return port.getLead(params, authentication()).getResult();
    }

    public static void main(String[] args) throws Exception {
        QName serviceName = new QName(Scenario.NAMESPACE, "MktMktowsApiService");
        port = new MktMktowsApiService(new URL(Scenario.ENDPOINT + "?WSDL"), serviceName).getMktowsApiSoapPort();
        ((BindingProvider) port).getRequestContext()
            .put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, Scenario.ENDPOINT);

        Map<String, Object> steps = new LinkedHashMap<>();

        steps.put("objects", port.listMObjects(new ParamsListMObjects(), authentication()).getResult().getObjects());

        ParamsDescribeMObject describe = new ParamsDescribeMObject();
        describe.setObjectName("LeadRecord");
        MObjectMetadata metadata = port.describeMObject(describe, authentication()).getResult().getMetadata();
        for (MObjFieldMetadata field : metadata.getFieldList().getFields()) {
            if (field.getName().equals("FirstName")) {
                steps.put("fields", Arrays.asList(
                    metadata.getName(), field.getDisplayName(), field.getDataType(), field.getSize()));
            }
        }

        ParamsSyncMultipleLeads many = new ParamsSyncMultipleLeads();
        many.setLeadRecordList(new ArrayOfLeadRecord());
        many.setDedupEnabled(FACTORY.createParamsSyncMultipleLeadsDedupEnabled(true));
        many.getLeadRecordList().getLeadRecords().addAll(Arrays.asList(
            lead("ann@example.com", "FirstName", "Ann"),
            lead("bob@example.com", "FirstName", "Bob", "City", "Rome"),
            lead("carol@example.com", "FirstName", "Carol", "Company", "Lee & Co"),
            lead("dan@example.com", "ShoeSize", "43")));
        List<SyncStatus> statuses =
            port.syncMultipleLeads(many, authentication()).getResult().getSyncStatusList().getSyncStatuses();
        steps.put("synced", statuses.stream()
            .map(status -> Arrays.asList(
                status.getLeadId(), status.getStatus().value(), status.getError().getValue()))
            .collect(Collectors.toList()));
        int ann = statuses.get(0).getLeadId();
        int bob = statuses.get(1).getLeadId();
        int carol = statuses.get(2).getLeadId();

        steps.put("added", onNewsletter(ListOperationType.ADDTOLIST, ann, bob, carol, 999));
        steps.put("asked", onNewsletter(ListOperationType.ISMEMBEROFLIST, ann, 999));
        steps.put("members", members());

        ParamsGetCampaignsForSource source = new ParamsGetCampaignsForSource();
        source.setSource(ReqCampSourceType.MKTOWS);
        steps.put("campaigns", port.getCampaignsForSource(source, authentication()).getResult()
            .getCampaignRecordList().getValue().getCampaignRecords().stream()
            .map(campaign -> Arrays.asList((Object) campaign.getId(), campaign.getName()))
            .collect(Collectors.toList()));
        steps.put("requested", request(ann, bob));

        steps.put("activity", activity(ann));
        steps.put("changes", changes());

        ParamsMergeLeads merge = new ParamsMergeLeads();
        merge.setWinningLeadKeyList(mergeKey(ann));
        merge.setLosingLeadKeyLists(new ArrayOfKeyList());
        merge.getLosingLeadKeyLists().getKeyLists().addAll(Arrays.asList(mergeKey(bob), mergeKey(carol)));
        MergeStatus merged = port.mergeLeads(merge, authentication()).getResult().getMergeStatus();
        steps.put("merged", Arrays.asList(
            merged.getStatus().value(),
            merged.getWinningLeadId().getValue(),
            merged.getLosingLeadIdList().getValue().getIntegerItems()));

        LeadRecord found = get(ann).getLeadRecordList().getValue().getLeadRecords().get(0);
        steps.put("found", Scenario.map(
            "Id", found.getId().getValue(),
            "Email", found.getEmail().getValue(),
            "attributes", found.getLeadAttributeList().getValue().getAttributes().stream()
                .map(item -> Arrays.asList(
                    item.getAttrName(), item.getAttrType().getValue(), item.getAttrValue()))
                .collect(Collectors.toList())));

        try {
            get(bob);
        } catch (SOAPFaultException exception) {
            steps.put("gone", exception.getFault().getFaultString());
        }

        System.out.println(Json.text(steps));
    }
}
