// syncLead and getLead with Axis 1.4 and the classes that its WSDL2Java makes. Prints one JSON object: what each step
// was answered.

import com.marketo.mktows.*;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.soap.SOAPElement;
import org.apache.axis.AxisEngine;
import org.apache.axis.AxisFault;
import org.apache.axis.client.Stub;
import org.apache.axis.message.SOAPHeaderElement;
import org.w3c.dom.Element;

public class Scenario {
    static final String ENDPOINT = System.getenv("MARKETO_SOAP_ENDPOINT");    // http://127.0.0.1:6586/soap/mktows/3_1
    static final String USER_ID = System.getenv("MARKETO_USER_ID");      // mockmkto
    static final String KEY = System.getenv("MARKETO_ENCRYPTION_KEY");   // mockmkto-encryption-key
    static final String NAMESPACE = "http://www.marketo.com/mktows/";

    static MktowsPort port;

    // WSDL2Java leaves the headers out of the methods: they are set on the stub, before each call.
    static void setHeaders(Stub stub, String key, String workspace) throws Exception {
        String timestamp = ZonedDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
        StringBuilder signature = new StringBuilder();
        for (byte b : mac.doFinal((timestamp + USER_ID).getBytes(StandardCharsets.UTF_8))) {
            signature.append(String.format("%02x", b));
        }
        stub.clearHeaders();
        stub.setHeader(header("AuthenticationHeader",
            "mktowsUserId", USER_ID, "requestSignature", signature.toString(), "requestTimestamp", timestamp));
        if (workspace != null) {
            stub.setHeader(header("MktowsContextHeader", "targetWorkspace", workspace));
        }
    }

    static SOAPHeaderElement header(String name, String... members) throws Exception {
        SOAPHeaderElement header = new SOAPHeaderElement(NAMESPACE, name);
        header.setActor(null);
        for (int i = 0; i < members.length; i += 2) {
            SOAPElement member = header.addChildElement(members[i]);
            member.addTextNode(members[i + 1]);
        }
        return header;
    }

    static LeadRecord lead(String email, String foreignId) {
        LeadRecord lead = new LeadRecord();
        lead.setEmail(email);
        if (foreignId != null) {
            lead.setForeignSysPersonId(foreignId);
            lead.setForeignSysType(ForeignSysType.CUSTOM);
        }
        return lead;
    }

    static Object sync(LeadRecord lead, boolean returnLead, String... attributes) throws Exception {
        return syncAs(KEY, null, lead, returnLead, attributes);
    }

    static Object syncAs(String key, String workspace, LeadRecord lead, boolean returnLead, String... attributes)
            throws Exception {
        List<Attribute> list = new ArrayList<>();
        for (int i = 0; i < attributes.length; i += 2) {
            list.add(new Attribute(attributes[i], null, attributes[i + 1]));
        }
        lead.setLeadAttributeList(list.toArray(new Attribute[0]));

        ParamsSyncLead request = new ParamsSyncLead();
        request.setLeadRecord(lead);
        request.setReturnLead(returnLead);
        setHeaders((Stub) port, key, workspace);
        ResultSyncLead result = port.syncLead(request).getResult();
        SyncStatus status = result.getSyncStatus();
        return map(
            "leadId", result.getLeadId(),
            "syncStatus", map(
                "leadId", status.getLeadId(), "status", status.getStatus(), "error", status.getError()),
            "leadRecord", result.getLeadRecord() == null ? null : record(result.getLeadRecord()));
    }

    static Object record(LeadRecord lead) {
        List<Object> attributes = new ArrayList<>();
        for (Attribute attribute : lead.getLeadAttributeList()) {
            attributes.add(Arrays.asList(attribute.getAttrName(), attribute.getAttrType(), attribute.getAttrValue()));
        }
        return map(
            "Id", lead.getId(),
            "Email", lead.getEmail(),
            "ForeignSysPersonId", lead.getForeignSysPersonId(),
            "ForeignSysType", lead.getForeignSysType(),
            "attributes", attributes);
    }

    static Object fault(Callable<Object> call) throws Exception {
        try {
            return call.call();
        } catch (AxisFault fault) {
            Element detail = fault.lookupFaultDetail(new javax.xml.namespace.QName(NAMESPACE, "serviceException"));
            return map(
                "faultcode", "SOAP-ENV:" + fault.getFaultCode().getLocalPart(),
                "faultstring", fault.getFaultString(),
                "name", detail.getElementsByTagName("name").item(0).getFirstChild().getNodeValue(),
                "message", detail.getElementsByTagName("message").item(0).getFirstChild().getNodeValue(),
                "code", detail.getElementsByTagName("code").item(0).getFirstChild().getNodeValue());
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
        MktMktowsApiServiceLocator service = new MktMktowsApiServiceLocator();
        port = service.getMktowsApiSoapPort(new URL(ENDPOINT));

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

        setHeaders((Stub) port, KEY, null);
        LeadKey leadKey = new LeadKey(LeadKeyRef.EMAIL, "ann.lee@example.com");
        ResultGetLead found = port.getLead(new ParamsGetLead(leadKey)).getResult();
        List<Object> leads = new ArrayList<>();
        for (LeadRecord lead : found.getLeadRecordList()) {
            leads.add(record(lead));
        }
        steps.put("found", map("count", found.getCount(), "leads", leads));

        // In UTF-8, Axis writes an emoji as two character references, which is no XML: "Bad Request".
        service.getEngine().setOption(AxisEngine.PROP_XML_ENCODING, "UTF-16");
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
