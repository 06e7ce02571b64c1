//! Someone who writes tasks for a repository.

pub use banto_integration_tests::shop::{REFUND, Shop, answer, clever, stage_of, told};

use banto_integration_tests::{Answer as _, Banto, Caller, Refusal, within};
use banto_proto::v1::{
    CreateTaskRequest, FileChoice, FileDecision, FinderMode, GetTaskRequest, GetWorkflowRequest, Job,
    ListJobsRequest, RunState, SelectFilesRequest, SelectFilesResponse, StageKind, StartFileFinderRequest,
    Task, TaskFile, UpdateTaskRequest, WatchWorkflowRequest, Workflow, WorkflowEvent, stage_artifact::Kind,
    workflow_event, workflow_update,
};

/// Someone who writes tasks.
#[derive(Clone)]
pub struct Writer(pub Caller);

impl Writer {
    pub fn of(banto: &Banto) -> Self {
        Self(banto.owner())
    }

    pub async fn task(&self, description: &str) -> Task {
        let request = CreateTaskRequest { description: description.into(), ..Default::default() };
        self.create(request).await.granted()
    }

    pub async fn create(&self, request: CreateTaskRequest) -> Result<Task, Refusal> {
        Ok(self.0.tasks().create_task(request).await?.into_inner().task.expect("a task"))
    }

    pub async fn get(&self, id: &str) -> (Task, Vec<TaskFile>) {
        let request = GetTaskRequest { task_id: id.into() };
        let answer = self.0.tasks().get_task(request).await.granted();
        (answer.task.expect("a task"), answer.files)
    }

    /// The paths of the files that count, in their order.
    pub async fn counted(&self, id: &str) -> Vec<String> {
        let files = self.get(id).await.1.into_iter();
        files.filter(|file| file.choice() != FileChoice::Excluded).map(|file| file.path).collect()
    }

    pub async fn update(&self, request: UpdateTaskRequest) -> Result<Task, Refusal> {
        Ok(self.0.tasks().update_task(request).await?.into_inner().task.expect("a task"))
    }

    pub async fn write(&self, id: &str, text: &str) -> Task {
        let description = Some(text.to_owned());
        let request = UpdateTaskRequest { task_id: id.into(), description, ..Default::default() };
        self.update(request).await.granted()
    }

    pub async fn select(
        &self,
        id: &str,
        choices: &[(&str, FileChoice)],
    ) -> Result<SelectFilesResponse, Refusal> {
        let decisions = choices
            .iter()
            .map(|(path, choice)| FileDecision { path: (*path).into(), choice: (*choice).into() })
            .collect();
        let request = SelectFilesRequest { task_id: id.into(), decisions, expected_version: None };
        Ok(self.0.tasks().select_files(request).await?.into_inner())
    }

    pub async fn try_find(&self, request: StartFileFinderRequest) -> Result<Workflow, Refusal> {
        let answer = self.0.workflows().start_file_finder(request).await?.into_inner();
        Ok(answer.workflow.expect("a workflow"))
    }

    pub async fn find(&self, task: &str, mode: FinderMode) -> Workflow {
        let request =
            StartFileFinderRequest { task_id: task.into(), mode: mode.into(), ..Default::default() };
        self.try_find(request).await.granted()
    }

    /// Starts the finder and waits for its end.
    pub async fn found(&self, task: &str, mode: FinderMode) -> Workflow {
        let started = self.find(task, mode).await;
        self.ended(&started.workflow_id).await
    }

    pub async fn workflow(&self, id: &str) -> Workflow {
        let request = GetWorkflowRequest { workflow_id: id.into() };
        self.0.workflows().get_workflow(request).await.granted().workflow.expect("a workflow")
    }

    /// Waits for the end of a workflow, by its watch.
    pub async fn ended(&self, id: &str) -> Workflow {
        self.until(id, |workflow| workflow.ended_at.is_some()).await
    }

    /// Waits until a workflow is like this, by its watch.
    pub async fn until(&self, id: &str, wanted: impl Fn(&Workflow) -> bool) -> Workflow {
        let request = WatchWorkflowRequest { workflow_id: id.into(), ..Default::default() };
        let mut watch = self.0.workflows().watch_workflow(request).await.granted();
        loop {
            let workflow = self.workflow(id).await;
            if wanted(&workflow) {
                return workflow;
            }
            within("a change of the workflow", watch.message()).await.expect("the stream goes on");
        }
    }

    /// All events of an ended workflow, from the first.
    pub async fn events(&self, workflow: &Workflow) -> Vec<WorkflowEvent> {
        // Each log begins before its first event.
        let request = WatchWorkflowRequest {
            workflow_id: workflow.workflow_id.clone(),
            after_sequence: 1,
            epoch: workflow.epoch.clone(),
        };
        let mut watch = self.0.workflows().watch_workflow(request).await.granted();
        let mut events = Vec::new();
        loop {
            let answer = within("an event", watch.message()).await.expect("it goes on").expect("an event");
            let Some(workflow_update::Kind::Event(event)) = answer.update.and_then(|update| update.kind)
            else {
                panic!("a good cursor is answered with events");
            };
            let is_last = matches!(event.kind, Some(workflow_event::Kind::Completed(_)));
            events.push(event);
            if is_last {
                return events;
            }
        }
    }

    pub async fn jobs(&self, workflow: &str) -> Vec<Job> {
        let request = ListJobsRequest { workflow_id: workflow.into(), ..Default::default() };
        self.0.jobs().list_jobs(request).await.granted().jobs
    }
}

/// What a stage left.
pub fn artifact(workflow: &Workflow, kind: StageKind) -> Kind {
    let stage = workflow.stages.iter().find(|stage| stage.kind() == kind).expect("the stage");
    stage
        .artifact
        .clone()
        .and_then(|artifact| artifact.kind)
        .unwrap_or_else(|| panic!("no artifact: {stage:?}"))
}

/// The states of the stages, in order.
pub fn states(workflow: &Workflow) -> Vec<RunState> {
    workflow.stages.iter().map(banto_proto::v1::WorkflowStage::state).collect()
}
