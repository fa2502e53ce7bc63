import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.*;
import org.openapitools.client.model.*;

/** The journey with openapi-generator's client for Java (java.net.http and Jackson). */
public final class Journey {
  private static final ObjectMapper MAPPER = ApiClient.createDefaultObjectMapper();
  private static JsonNode given;

  private static ApiClient client(String token) {
    ApiClient client = new ApiClient();
    client.updateBaseUri(text("base_url"));
    if (token != null) {
      client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
    }
    return client;
  }

  private static String text(String name) {
    return given.get(name).asText();
  }

  private static String etag(int revision) {
    return "\"" + revision + "\"";
  }

  private static Login login(String email, String password) {
    return new Login().email(email).password(password).session(SessionKind.BEARER);
  }

  private static ApiClient signedInStaff() throws ApiException {
    StaffSignInApi sign = new StaffSignInApi(client(null));
    MfaRequired step = sign.staffLogin(StaffSignInApi.APIStaffLoginRequest.newBuilder()
        .login(login(text("email"), text("password"))).build()).getMfaRequired();
    MfaByCode byCode = new MfaByCode().mfaToken(step.getMfaToken()).code(text("code"));
    return client(sign.staffMfa(StaffSignInApi.APIStaffMfaRequest.newBuilder().mfa(new Mfa(byCode)).build()).getAccessToken());
  }

  private static UUID published(ApiClient staff) throws Exception {
    QuestionnairesApi questionnaires = new QuestionnairesApi(staff);
    FhirQuestionnaire definition = MAPPER.treeToValue(given.get("definition"), FhirQuestionnaire.class);
    Questionnaire made = questionnaires.questionnaireCreate(QuestionnairesApi.APIQuestionnaireCreateRequest.newBuilder()
        .questionnaireWrite(new QuestionnaireWrite().definition(definition)).build());
    questionnaires.questionnairePublish(QuestionnairesApi.APIQuestionnairePublishRequest.newBuilder()
        .id(made.getId()).ifMatch(etag(made.getRevision())).questionnairePublish(new QuestionnairePublish()).build());
    return made.getId();
  }

  private static ApiClient registered(ApiClient staff, UUID questionnaire) throws Exception {
    PatientCreate patient = MAPPER.treeToValue(given.get("patient"), PatientCreate.class);
    UUID id = new PatientsApi(staff).patientCreate(
        PatientsApi.APIPatientCreateRequest.newBuilder().patientCreate(patient).build()).getId();
    InvitationCreate link = new InvitationCreate().delivery(InvitationCreate.DeliveryEnum.LINK).questionnaires(Set.of(questionnaire));
    String token = new InvitationsApi(staff).invitationCreate(
        InvitationsApi.APIInvitationCreateRequest.newBuilder().id(id).invitationCreate(link).build()).getUrl().toString().split("#")[1];
    String password = text("patient_password");
    PatientRegister account = new PatientRegister().token(token).birthDate(patient.getBirthDate()).password(password);
    new RegistrationApi(client(null)).registrationCreate(
        RegistrationApi.APIRegistrationCreateRequest.newBuilder().patientRegister(account).build());
    PatientLoginStep step = new PatientSignInApi(client(null)).patientLogin(
        PatientSignInApi.APIPatientLoginRequest.newBuilder().login(login(patient.getEmail(), password)).build());
    return client(step.getPatientSignedIn().getAccessToken());
  }

  @SuppressWarnings("unchecked")
  private static UUID answered(ApiClient patient) throws Exception {
    MyQuestionnaireItem item = new MyQuestionnairesApi(patient).myQuestionnaireList(
        MyQuestionnairesApi.APIMyQuestionnaireListRequest.newBuilder().build()).getItems().get(0);
    MyResponsesApi responses = new MyResponsesApi(patient);
    MyResponse begun = responses.myResponseCreate(MyResponsesApi.APIMyResponseCreateRequest.newBuilder()
        .myResponseCreate(new MyResponseCreate().assignmentId(item.getAssignmentId())).build());
    Autosave save = new Autosave().set(MAPPER.treeToValue(given.get("answers"), Map.class));
    Autosaved saved = responses.myResponseAutosave(MyResponsesApi.APIMyResponseAutosaveRequest.newBuilder()
        .id(begun.getId()).ifMatch(etag(begun.getRevision())).autosave(save).build());
    responses.myResponseSubmit(MyResponsesApi.APIMyResponseSubmitRequest.newBuilder()
        .id(begun.getId()).ifMatch(etag(saved.getRevision())).build());
    return begun.getId();
  }

  public static void main(String[] arguments) throws Exception {
    given = MAPPER.readTree(new File(arguments[0]));
    ApiClient staff = signedInStaff();
    ResponsesApi responses = new ResponsesApi(staff);
    UUID id = answered(registered(staff, published(staff)));
    ResponseRecord read = responses.responseGet(ResponsesApi.APIResponseGetRequest.newBuilder().id(id).build());
    AmendedProof amends = responses.responseProof(ResponsesApi.APIResponseProofRequest.newBuilder().id(id).build()).getAmends();
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("id", read.getId());
    said.put("status", read.getStatus());
    said.put("response", read.getResponse());
    said.put("amends", amends);
    System.out.println(MAPPER.writeValueAsString(said));
  }
}
