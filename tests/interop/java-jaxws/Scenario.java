// syncLead and getLead with JAX-WS and the classes that wsimport makes. Prints one JSON object: what each step was
// answered.

import com.marketo.mktows.*;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.bind.JAXBElement;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPFault;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.soap.SOAPFaultException;
import org.w3c.dom.Element;

public class Scenario {
    static final String ENDPOINT = System.getenv("MARKETO_SOAP_ENDPOINT");    // http://127.0.0.1:6586/soap/mktows/3_1
    static final String USER_ID = System.getenv("MARKETO_USER_ID");      // mockmkto
    static final String KEY = System.getenv("MARKETO_ENCRYPTION_KEY");   // mockmkto-encryption-key
    static final String NAMESPACE = "http://www.marketo.com/mktows/";

    static final ObjectFactory FACTORY = new ObjectFactory();
    static MktowsPort port;

    static AuthenticationHeader authentication(String key) throws Exception {
        String timestamp = ZonedDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        StringBuilder signature = new StringBuilder();
        for (byte b : mac.doFinal((timestamp + USER_ID).getBytes(StandardCharsets.UTF_8))) {
            signature.append(String.format("%02x", b));
        }
        AuthenticationHeader header = new AuthenticationHeader();
        header.setMktowsUserId(USER_ID);
        header.setRequestTimestamp(timestamp);
        header.setRequestSignature(signature.toString());
        return header;
    }

    static LeadRecord lead(String email, String foreignId) {
        LeadRecord lead = new LeadRecord();
        lead.setEmail(FACTORY.createLeadRecordEmail(email));
        if (foreignId != null) {
            lead.setForeignSysPersonId(FACTORY.createLeadRecordForeignSysPersonId(foreignId));
            lead.setForeignSysType(FACTORY.createLeadRecordForeignSysType(ForeignSysType.CUSTOM));
        }
        return lead;
    }

    static Object sync(LeadRecord lead, boolean returnLead, String... attributes) throws Exception {
        return syncAs(KEY, null, lead, returnLead, attributes);
    }

    static Object syncAs(String key, String workspace, LeadRecord lead, boolean returnLead, String... attributes)
            throws Exception {
        ArrayOfAttribute list = new ArrayOfAttribute();
        for (int i = 0; i < attributes.length; i += 2) {
            Attribute attribute = new Attribute();
            attribute.setAttrName(attributes[i]);
            attribute.setAttrValue(attributes[i + 1]);
            list.getAttributes().add(attribute);
        }
        // The factory's createLeadRecordLeadAttributeList sends <leadAttributeList>; a JAXBElement made with the
        // namespace sends <ns2:leadAttributeList>, which is read alike.
        QName name = new QName(NAMESPACE, "leadAttributeList");
        lead.setLeadAttributeList(new JAXBElement<>(name, ArrayOfAttribute.class, list));

        ParamsSyncLead request = new ParamsSyncLead();
        request.setLeadRecord(lead);
        request.setReturnLead(returnLead);

        MktowsContextHeader context = null;
        if (workspace != null) {
            context = new MktowsContextHeader();
            context.setTargetWorkspace(workspace);
        }
        ResultSyncLead result = port.syncLead(request, authentication(key), context).getResult();
        SyncStatus status = result.getSyncStatus();
        return map(
            "leadId", result.getLeadId(),
            "syncStatus", map(
                "leadId", status.getLeadId(),
                "status", status.getStatus(),
                "error", status.getError().isNil() ? null : status.getError().getValue()),
            "leadRecord", result.getLeadRecord().isNil() ? null : record(result.getLeadRecord().getValue()));
    }

    static Object record(LeadRecord lead) {
        List<Object> attributes = new ArrayList<>();
        for (Attribute attribute : lead.getLeadAttributeList().getValue().getAttributes()) {
            List<Object> members = new ArrayList<>();
            members.add(attribute.getAttrName());
            members.add(attribute.getAttrType().getValue());
            members.add(attribute.getAttrValue());
            attributes.add(members);
        }
        return map(
            "Id", lead.getId().getValue(),
            "Email", lead.getEmail().getValue(),
            "ForeignSysPersonId", lead.getForeignSysPersonId().getValue(),
            "ForeignSysType", lead.getForeignSysType().getValue(),
            "attributes", attributes);
    }

    static Object fault(Callable<Object> call) throws Exception {
        try {
            return call.call();
        } catch (SOAPFaultException exception) {
            SOAPFault fault = exception.getFault();
            Element detail = (Element) fault.getDetail().getElementsByTagNameNS(NAMESPACE, "serviceException").item(0);
            return map(
                "faultcode", fault.getFaultCode(),
                "faultstring", fault.getFaultString(),
                "name", detail.getElementsByTagName("name").item(0).getTextContent(),
                "message", detail.getElementsByTagName("message").item(0).getTextContent(),
                "code", detail.getElementsByTagName("code").item(0).getTextContent());
        }
    }

    static Map<String, Object> map(Object... pairs) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }

    public static void main(String[] args) throws Exception {
        QName serviceName = new QName(NAMESPACE, "MktMktowsApiService");
        MktMktowsApiService service = new MktMktowsApiService(new URL(ENDPOINT + "?WSDL"), serviceName);
        port = service.getMktowsApiSoapPort();
        ((BindingProvider) port).getRequestContext().put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, ENDPOINT);

        Map<String, Object> steps = new LinkedHashMap<>();

        List<Object> operations = new ArrayList<>();
        for (java.lang.reflect.Method method : MktowsPort.class.getMethods()) {
            operations.add(method.getName());
        }
        operations.sort(null);
        steps.put("operations", operations);

        steps.put("created", sync(lead("ann@example.com", null), false, "FirstName", "Ann"));
        steps.put("updated", sync(lead("ann@example.com", null), false, "FirstName", "Ann"));

        steps.put("linked", sync(lead("ann@example.com", "CRM-1"), false, "LastName", "Lee"));
        steps.put("moved", sync(lead("ann.lee@example.com", "CRM-1"), true));

        steps.put("workspace", syncAs(KEY, "EMEA", lead("kenji@example.com", null), false, "FirstName", "Kenji"));

        steps.put("record", sync(lead("ann.lee@example.com", null), true,
            "Company", "Lee & Co",
            "DoNotCall", "true",
            "LeadScore", "7",
            "AnnualRevenue", "28970000",
            "DateofBirth", "1971-11-30"));

        LeadKey leadKey = new LeadKey();
        leadKey.setKeyType(LeadKeyRef.EMAIL);
        leadKey.setKeyValue("ann.lee@example.com");
        ParamsGetLead params = new ParamsGetLead();
        params.setLeadKey(leadKey);
        ResultGetLead found = port.getLead(params, authentication(KEY)).getResult();
        List<Object> leads = new ArrayList<>();
        for (LeadRecord lead : found.getLeadRecordList().getValue().getLeadRecords()) {
            leads.add(record(lead));
        }
        steps.put("found", map("count", found.getCount(), "leads", leads));

        steps.put("texts", sync(lead("texts@example.com", null), true,
            "FirstName", "Zoë 由紀 🕓",
            "LastName", "<O'Neil & \"Sons\">",
            "Address", "first line\nsecond line",
            "Title", "one\r\ntwo"));

        steps.put("wrong_key", fault(() -> syncAs("not the key", null, lead("ann@example.com", null), false)));
        steps.put("unknown_attribute", fault(() -> sync(lead("ann@example.com", null), false, "ShoeSize", "43")));

        System.out.println(Json.text(steps));
    }
}
