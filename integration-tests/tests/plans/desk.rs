//! Someone who plans for the shop, and a model that writes plans for it.

pub use banto_integration_tests::shop::{REFUND, Shop, told};

use banto_integration_tests::{
    Answer as _, Banto, Caller, Refusal, eventually,
    upstream::{Exchange, Script, Upstream},
    within,
};
use banto_proto::v1::{
    ApprovePlanRequest, CheckPlanRequest, CreateTaskRequest, FileChoice, FileDecision, GeneratePlanRequest,
    GetPlanRequest, GetPlanResponse, Plan, PlanEvent, PlanFinding, PlanOrigin, PlanRevision,
    SaveRevisionRequest, SaveRevisionResponse, SelectFilesRequest, WatchPlanRequest, plan_event,
    plan_update::Kind,
};
use sha2::{Digest as _, Sha256};

/// A plan for the shop against which nothing can be said.
pub const PLAN: &str = r#"<implementation_plan>
  <agent_instructions>Keep it small.</agent_instructions>
  <steps>
    <plan_step number="1">
      <title>Remember refunds</title>
      <description>An order is refunded once. 番頭</description>
      <confidence>high</confidence>
      <file_operations>
        <operation type="modify" path="src/payment/refund.rs" symbols="refund_payment">
          <changes><![CDATA[if refunded.contains(&order) { return false; }
let x: Vec<u64> = a < b && c > d; // $& {{plan}}
]]></changes>
          <validation>cargo test refund</validation>
        </operation>
        <operation type="create" path="src/payment/ledger.rs">
          <changes><![CDATA[pub struct Ledger;]]></changes>
        </operation>
      </file_operations>
      <bash_commands>
        <command>cargo test</command>
      </bash_commands>
    </plan_step>
    <plan_step number="2">
      <title>Test it</title>
      <description>A second refund is refused.</description>
      <file_operations>
        <operation type="modify" path="tests/refund.rs">
          <changes><![CDATA[#[test]
fn only_once() {}]]></changes>
        </operation>
      </file_operations>
    </plan_step>
  </steps>
</implementation_plan>
"#;

/// A model that answers everything with this text.
pub fn writes(text: &str) -> impl Fn(&Exchange) -> Script + Send + Sync + 'static {
    let text = text.to_owned();
    move |_| Script::openai().text(text.clone()).usage(1_000, 200).done()
}

/// SHA-256, as the API gives it.
pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Someone who plans.
#[derive(Clone)]
pub struct Planner {
    pub caller: Caller,
    pub task: String,
}

impl Planner {
    /// Someone with a task and the files that matter for it.
    pub async fn of(banto: &Banto) -> Self {
        Self::with(banto, &["src/payment/refund.rs", "tests/refund.rs"]).await
    }

    /// Someone with a task and these files.
    pub async fn with(banto: &Banto, files: &[&str]) -> Self {
        let caller = banto.owner();
        let request = CreateTaskRequest { description: REFUND.into(), ..Default::default() };
        let task = caller.tasks().create_task(request).await.granted().task.expect("a task").task_id;
        let decision =
            |path: &&str| FileDecision { path: (*path).into(), choice: FileChoice::Included.into() };
        let decisions = files.iter().map(decision).collect();
        let request = SelectFilesRequest { task_id: task.clone(), decisions, ..Default::default() };
        caller.tasks().select_files(request).await.granted();
        Self { caller, task }
    }

    /// The same task through another server, or after a restart.
    pub fn at(&self, banto: &Banto) -> Self {
        Self { caller: banto.owner(), task: self.task.clone() }
    }

    pub fn request(&self, request_id: &str) -> GeneratePlanRequest {
        GeneratePlanRequest {
            task_id: self.task.clone(),
            request_id: request_id.into(),
            ..Default::default()
        }
    }

    pub async fn try_generate(&self, request: GeneratePlanRequest) -> Result<Plan, Refusal> {
        Ok(self.caller.plans().generate_plan(request).await?.into_inner().plan.expect("a plan"))
    }

    /// Begins a plan and waits for its end.
    pub async fn generated(&self, request_id: &str) -> Plan {
        let plan = self.try_generate(self.request(request_id)).await.granted();
        self.ended(&plan.plan_id).await
    }

    /// A brief.
    pub async fn brief(&self) -> Plan {
        let request = GeneratePlanRequest { origin: PlanOrigin::Brief.into(), ..self.request("brief") };
        self.try_generate(request).await.granted()
    }

    pub async fn open(&self, id: &str) -> GetPlanResponse {
        self.caller.plans().get_plan(GetPlanRequest { plan_id: id.into() }).await.granted()
    }

    pub async fn plan(&self, id: &str) -> Plan {
        self.open(id).await.plan.expect("a plan")
    }

    /// Waits until no model writes a plan.
    pub async fn ended(&self, id: &str) -> Plan {
        eventually("the end of the plan", async || {
            let plan = self.plan(id).await;
            plan.active_revision_id.is_empty().then_some(plan)
        })
        .await
    }

    pub async fn save(&self, id: &str, version: u64, text: &str) -> Result<SaveRevisionResponse, Refusal> {
        let request = SaveRevisionRequest {
            plan_id: id.into(),
            expected_version: version,
            text: text.into(),
            ..Default::default()
        };
        Ok(self.caller.plans().save_revision(request).await?.into_inner())
    }

    /// Approves what is shown now.
    pub async fn approve(&self, id: &str, accepted_errors: u32) -> Result<Plan, Refusal> {
        let shown = self.open(id).await;
        let request = ApprovePlanRequest {
            plan_id: id.into(),
            revision_id: shown.plan.expect("a plan").head_revision_id,
            content_hash: hash(&shown.text),
            note: "Do it.".into(),
            accepted_errors,
        };
        Ok(self.caller.plans().approve_plan(request).await?.into_inner().plan.expect("a plan"))
    }

    /// What the check says of a text in the place of a plan's.
    pub async fn check(&self, id: &str, text: &str) -> Vec<PlanFinding> {
        let request = CheckPlanRequest { plan_id: id.into(), text: text.into(), ..Default::default() };
        self.caller.plans().check_plan(request).await.granted().findings
    }

    pub async fn watch(&self, id: &str) -> View {
        self.resume(id, View::default()).await
    }

    /// Goes on from a view.
    pub async fn resume(&self, id: &str, view: View) -> View {
        let request =
            WatchPlanRequest { plan_id: id.into(), after_sequence: view.sequence, epoch: view.epoch.clone() };
        let stream = self.caller.plans().watch_plan(request).await.granted();
        View { stream: Some(stream), ..view }
    }
}

/// What a client shows of a plan, kept by the updates of a watch.
#[derive(Default)]
pub struct View {
    pub stream: Option<tonic::Streaming<banto_proto::v1::WatchPlanResponse>>,
    pub epoch: String,
    pub sequence: u64,
    pub plan: Plan,
    /// The revision that is being written, and its text.
    pub writing: Option<(String, String)>,
    /// The text that was written last, whole.
    pub written: String,
    pub revisions: Vec<PlanRevision>,
    pub resets: usize,
    pub resumed: bool,
    pub events: Vec<PlanEvent>,
}

impl View {
    /// What a client keeps when its stream is gone.
    pub fn kept(self) -> Self {
        Self { stream: None, ..self }
    }

    /// Applies the next update. `false`: the stream is over.
    pub async fn step(&mut self) -> Result<bool, Refusal> {
        let stream = self.stream.as_mut().expect("a stream");
        let Some(response) = within("an update of the plan", stream.message()).await? else {
            return Ok(false);
        };
        match response.update.and_then(|update| update.kind).expect("an update") {
            Kind::Heartbeat(_) => {}
            Kind::Reset(_) => self.resets += 1,
            Kind::Snapshot(snapshot) => {
                let plan = snapshot.plan.expect("a plan");
                self.epoch.clone_from(&plan.epoch);
                self.resumed = snapshot.resumed;
                if !snapshot.resumed {
                    self.sequence = plan.head_sequence;
                    let active = snapshot.active_revision.map(|revision| revision.revision_id);
                    self.writing = active.map(|id| (id, snapshot.active_text));
                    self.revisions = snapshot.revisions;
                }
                self.plan = plan;
            }
            Kind::Delta(delta) => {
                let (id, text) = self.writing.as_mut().expect("a delta follows the beginning");
                assert_eq!(*id, delta.block_id);
                let offset = usize::try_from(delta.offset).expect("an offset");
                assert!(offset <= text.len(), "a gap at {offset} of {}", text.len());
                text.truncate(offset);
                text.push_str(&delta.text);
            }
            Kind::Event(event) => self.take(event),
        }
        Ok(true)
    }

    fn take(&mut self, event: PlanEvent) {
        assert_eq!(event.sequence, self.sequence + 1, "no gap, no double");
        self.sequence = event.sequence;
        match event.kind.clone().expect("an event") {
            plan_event::Kind::RevisionStarted(started) => {
                self.plan = started.plan.expect("a plan");
                self.writing = Some((started.revision.expect("a revision").revision_id, String::new()));
            }
            plan_event::Kind::RevisionEnded(ended) => {
                self.plan = ended.plan.expect("a plan");
                let revision = ended.revision.expect("a revision");
                if let Some((id, text)) = self.writing.take_if(|(id, _)| *id == revision.revision_id) {
                    assert_eq!(
                        (text.len() as u64, hash(&text)),
                        (revision.size_bytes, revision.content_hash.clone()),
                        "{id}"
                    );
                    self.written = text;
                }
                self.revisions.insert(0, revision);
            }
            plan_event::Kind::Changed(changed) => self.plan = changed.plan.expect("a plan"),
            plan_event::Kind::CommentChanged(changed) => self.plan = changed.plan.expect("a plan"),
        }
        self.events.push(event);
    }

    /// Goes on until `reached` holds.
    pub async fn until(&mut self, what: &str, reached: impl Fn(&Self) -> bool) {
        while !reached(self) {
            assert!(self.step().await.granted(), "the watch ended before {what}");
        }
    }

    /// Goes on until the text in flight holds this.
    pub async fn until_text(&mut self, wanted: &str) {
        self.until(wanted, |view| view.writing.as_ref().is_some_and(|(_, text)| text.contains(wanted))).await;
    }

    /// Goes on until nothing is written any more.
    pub async fn until_ended(&mut self) {
        self.until("the end of the writing", |view| {
            view.writing.is_none() && view.plan.active_revision_id.is_empty() && !view.revisions.is_empty()
        })
        .await;
    }
}

/// A server with a model that writes [`PLAN`], and someone who plans there.
pub async fn planning(shop: &Shop, upstream: &Upstream) -> (Banto, Planner) {
    upstream.set_handler(writes(PLAN));
    let banto = shop.with(upstream).await;
    let planner = Planner::of(&banto).await;
    (banto, planner)
}
