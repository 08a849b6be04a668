// What an integration asks of the REST API, with the JDK's HttpClient and Gson. Prints one JSON object: what each step was
// answered.

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

public class Rest {
    static final String HOST = "https://123-ABC-456.mktorest.com";
    static final HttpClient HTTP = HttpClient.newBuilder().proxy(ProxySelector.getDefault()).build();
    static final Gson GSON = new GsonBuilder().serializeNulls().create();
    static String token;

    static class MarketoError extends Exception {
        final String code;

        MarketoError(JsonObject error) {
            super(error.get("message").getAsString());
            code = error.get("code").getAsString();
        }
    }

    static String query(String... pairs) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < pairs.length; i += 2) {
            query.append(i == 0 ? "?" : "&").append(pairs[i]).append("=");
            query.append(URLEncoder.encode(pairs[i + 1], StandardCharsets.UTF_8));
        }
        return query.toString();
    }

    static JsonObject send(String method, String path, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(HOST + path));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        request.method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        String answer = HTTP.send(request.build(), BodyHandlers.ofString()).body();
        return GSON.fromJson(answer, JsonObject.class);
    }

    static void renewToken() throws Exception {
        token = null;
        String query = query(
            "grant_type", "client_credentials",
            "client_id", System.getenv("MARKETO_CLIENT_ID"),
            "client_secret", System.getenv("MARKETO_CLIENT_SECRET"));
        token = send("GET", "/identity/oauth/token" + query, null).get("access_token").getAsString();
    }

    static JsonObject call(String method, String path, String body) throws Exception {
        if (token == null) {
            renewToken();
        }
        JsonObject answer = send(method, path, body);
        if (!answer.get("success").getAsBoolean()) {
            JsonObject error = answer.getAsJsonArray("errors").get(0).getAsJsonObject();
            String code = error.get("code").getAsString();
            if (!code.equals("601") && !code.equals("602")) {
                throw new MarketoError(error);
            }
            renewToken();
            answer = send(method, path, body);
        }
        return answer;
    }

    static JsonArray result(String method, String path, String body) throws Exception {
        return call(method, path, body).getAsJsonArray("result");
    }

    static JsonArray outcomes(JsonArray result) {
        JsonArray outcomes = new JsonArray();
        for (JsonElement element : result) {
            JsonObject item = element.getAsJsonObject();
            JsonArray outcome = new JsonArray();
            outcome.add(item.has("id") ? item.get("id") : JsonNull.INSTANCE);
            outcome.add(item.get("status"));
            if (item.has("reasons")) {
                item.getAsJsonArray("reasons").forEach(why -> outcome.add(why.getAsJsonObject().get("code")));
            }
            outcomes.add(outcome);
        }
        return outcomes;
    }

    static JsonArray members(JsonElement element, String... names) {
        JsonArray members = new JsonArray();
        for (String name : names) {
            members.add(element.getAsJsonObject().get(name));
        }
        return members;
    }

    static JsonArray rows(JsonArray result, String... names) {
        JsonArray rows = new JsonArray();
        result.forEach(item -> rows.add(members(item, names)));
        return rows;
    }

    static JsonArray ids(JsonArray result) {
        JsonArray ids = new JsonArray();
        result.forEach(item -> ids.add(item.getAsJsonObject().get("id")));
        return ids;
    }

    static String input(int... ids) {
        StringBuilder input = new StringBuilder();
        for (int id : ids) {
            input.append(input.length() == 0 ? "" : ",").append("{\"id\":").append(id).append("}");
        }
        return "{\"input\":[" + input + "]}";
    }

    public static void main(String[] arguments) throws Exception {
        JsonObject steps = new JsonObject();

        for (JsonElement field : result("GET", "/rest/v1/leads/describe.json", null)) {
            JsonObject item = field.getAsJsonObject();
            if (item.getAsJsonObject("rest").get("name").getAsString().equals("firstName")) {
                JsonArray described = members(item, "dataType", "length");
                described.add(item.getAsJsonObject("soap").get("name"));
                steps.add("described", described);
            }
        }

        JsonArray synced = result("POST", "/rest/v1/leads.json",
            "{\"action\":\"createOrUpdate\",\"lookupField\":\"email\",\"input\":["
            + "{\"email\":\"ann@example.com\",\"firstName\":\"Ann\"},"
            + "{\"email\":\"bob@example.com\",\"firstName\":\"Bob\",\"city\":\"Zürich\"},"
            + "{\"email\":\"carol@example.com\",\"firstName\":\"Carol\",\"annualRevenue\":34.66},"
            + "{\"email\":\"dan@example.com\",\"numberOfEmployees\":\"many\"}]}");
        steps.add("synced", outcomes(synced));
        int ann = synced.get(0).getAsJsonObject().get("id").getAsInt();
        int bob = synced.get(1).getAsJsonObject().get("id").getAsInt();
        int carol = synced.get(2).getAsJsonObject().get("id").getAsInt();

        String emails = "bob@example.com,ann@example.com,nobody@example.com";
        String leads = "/rest/v1/leads.json" + query("filterType", "email", "filterValues", emails, "fields", "email,city");
        steps.add("found", rows(result("GET", leads, null), "id", "email", "city"));

        JsonArray lists = result("GET", "/rest/v1/lists.json" + query("name", "Newsletter"), null);
        steps.add("list", members(lists.get(0), "id", "name"));
        String members = "/rest/v1/lists/1001/leads.json";
        steps.add("added", outcomes(result("POST", members, input(ann, bob, carol, 999))));
        String asked = "/rest/v1/lists/1001/leads/ismember.json?id=" + ann + "&id=999";
        steps.add("asked", outcomes(result("GET", asked, null)));

        JsonArray pages = new JsonArray();
        String next = "";
        do {
            JsonObject page = call("GET", members + query("batchSize", "2", "nextPageToken", next), null);
            pages.add(ids(page.getAsJsonArray("result")));
            next = page.has("nextPageToken") ? page.get("nextPageToken").getAsString() : null;
        } while (next != null);
        steps.add("pages", pages);

        steps.add("removed", outcomes(result("DELETE", members, input(bob, 1005))));

        // Here the token expires: another one is asked for, and the call sent again.
        JsonElement campaign = result("GET", "/rest/v1/campaigns.json" + query("name", "Send Letter"), null).get(0);
        steps.add("campaign", members(campaign, "id", "type"));
        steps.add("requested", result("POST", "/rest/v1/campaigns/1002/trigger.json",
            "{\"input\":{\"leads\":[{\"id\":" + ann + "},{\"id\":" + bob + "}],"
            + "\"tokens\":[{\"name\":\"{{my.subject}}\",\"value\":\"Hi Ann & Bob\"}]}}"));

        String since = query("sinceDatetime", Instant.now().minus(1, ChronoUnit.DAYS).toString());
        JsonObject start = call("GET", "/rest/v1/activities/pagingtoken.json" + since, null);
        String activities = "/rest/v1/activities.json" + query(
            "nextPageToken", start.get("nextPageToken").getAsString(),
            "activityTypeIds", "12,24",
            "leadIds", ann + "," + bob);
        steps.add("activities", rows(result("GET", activities, null), "leadId", "activityTypeId"));

        try {
            result("GET", "/rest/v1/leads.json" + query("filterType", "firstName", "filterValues", "Ann"), null);
        } catch (MarketoError error) {
            steps.addProperty("refused", error.code);
        }

        System.out.println(GSON.toJson(steps));
    }
}
