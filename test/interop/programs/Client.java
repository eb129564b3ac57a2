/* Java's JAX-WS with classes from wsimport: creates a lead, reads it, and is rejected with another key. */
import com.marketo.mktows.*;
import java.io.PrintStream;
import java.net.URL;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.ws.soap.SOAPFaultException;

public class Client {
    public static void main(String[] args) throws Exception {
        String endpoint = args[0], user = args[1], secret = args[2], email = args[3], name = args[4];
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        MktowsPort port = new MktMktowsApiService(new URL(endpoint + "?WSDL")).getMktowsApiSoapPort();
        ObjectFactory make = new ObjectFactory();

        Attribute attribute = new Attribute();
        attribute.setAttrName("LastName");
        attribute.setAttrValue(name);
        ArrayOfAttribute attributes = new ArrayOfAttribute();
        attributes.getAttribute().add(attribute);
        LeadRecord record = new LeadRecord();
        record.setEmail(make.createLeadRecordEmail(email));
        record.setLeadAttributeList(make.createLeadRecordLeadAttributeList(attributes));
        ParamsSyncLead lead = new ParamsSyncLead();
        lead.setLeadRecord(record);
        lead.setReturnLead(false);
        MktowsContextHeaderInfo workspace = new MktowsContextHeaderInfo();
        workspace.setTargetWorkspace("default");
        SuccessSyncLead created = port.syncLead(lead, header(user, secret), workspace);
        out.println(created.getResult().getSyncStatus().getStatus());

        LeadKey key = new LeadKey();
        key.setKeyType(LeadKeyRef.EMAIL);
        key.setKeyValue(email);
        ParamsGetLead wanted = new ParamsGetLead();
        wanted.setLeadKey(key);
        LeadRecord found =
            port.getLead(wanted, header(user, secret)).getResult().getLeadRecordList().getValue().getLeadRecord().get(0);
        out.println(found.getLeadAttributeList().getValue().getAttribute().get(0).getAttrValue());

        try {
            port.getLead(wanted, header(user, "another key"));
        } catch (SOAPFaultException fault) {
            out.println(fault.getFault().getDetail().getElementsByTagName("code").item(0).getTextContent());
        }
    }

    private static AuthenticationHeaderInfo header(String user, String secret) throws Exception {
        String stamp = ZonedDateTime.now(ZoneOffset.UTC).format(DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssxxx"));
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret.getBytes("UTF-8"), "HmacSHA1"));
        StringBuilder signature = new StringBuilder();
        for (byte part : mac.doFinal((stamp + user).getBytes("UTF-8"))) signature.append(String.format("%02x", part));
        AuthenticationHeaderInfo header = new AuthenticationHeaderInfo();
        header.setMktowsUserId(user);
        header.setRequestSignature(signature.toString());
        header.setRequestTimestamp(stamp);
        return header;
    }
}
