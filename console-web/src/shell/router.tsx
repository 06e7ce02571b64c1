import {
  Outlet,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { NewConversationRoute } from "../chat/new-conversation-route";
import type { JobSearch } from "../jobs/job-filter";
import { compareSearchOf, planSearchOf } from "../plans/plan-search";
import { settingsSections } from "../settings/sections";
import type { FileSearch, TaskSearch } from "../tasks/task-search";
import { NotFoundPage, PageFailed } from "./fallback-pages";
import { Shell } from "./shell";
import { loadPart } from "./upgrade";

const loadConversation = () => import("../chat/conversation-route");

const root = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
  notFoundComponent: NotFoundPage,
  errorComponent: PageFailed,
});

const home = createRoute({ getParentRoute: () => root, path: "/", component: NewConversationRoute });

const conversation = createRoute({
  getParentRoute: () => root,
  path: "/c/$conversationId",
  // `at` is the sequence of a message to show, as the search links to it.
  validateSearch: (search: Record<string, unknown>): { at?: number } => {
    const at = Number(search["at"]);
    return Number.isSafeInteger(at) && at > 0 ? { at } : {};
  },
  component: lazyRouteComponent(() => loadPart(loadConversation), "ConversationRoute"),
});

const runtimes = createRoute({
  getParentRoute: () => root,
  path: "/runtimes",
  component: lazyRouteComponent(() => loadPart(() => import("../fleet/runtimes-page")), "RuntimesPage"),
});

const worker = createRoute({
  getParentRoute: () => root,
  path: "/runtimes/$runtimeId/$workerId",
  component: lazyRouteComponent(() => loadPart(() => import("../fleet/worker-page")), "WorkerPage"),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: "/jobs",
  validateSearch: (search: Record<string, unknown>): JobSearch => ({
    ...(typeof search["state"] === "string" && { state: search["state"] }),
    ...(typeof search["type"] === "string" && { type: search["type"] }),
    ...(typeof search["conversation"] === "string" && { conversation: search["conversation"] }),
    ...(typeof search["task"] === "string" && { task: search["task"] }),
    ...(typeof search["workflow"] === "string" && { workflow: search["workflow"] }),
    ...(typeof search["plan"] === "string" && { plan: search["plan"] }),
  }),
  component: lazyRouteComponent(() => loadPart(() => import("../jobs/jobs-page")), "JobsPage"),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$jobId",
  component: lazyRouteComponent(() => loadPart(() => import("../jobs/job-page")), "JobPage"),
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  validateSearch: (search: Record<string, unknown>): TaskSearch => ({
    ...(typeof search["q"] === "string" && search["q"] !== "" && { q: search["q"].slice(0, 200) }),
    ...(search["archived"] === true && { archived: true }),
  }),
  component: lazyRouteComponent(() => loadPart(() => import("../tasks/tasks-page")), "TasksPage"),
});

const task = createRoute({
  getParentRoute: () => root,
  path: "/tasks/$taskId",
  component: lazyRouteComponent(() => loadPart(() => import("../tasks/task-page")), "TaskPage"),
});

const taskDescription = createRoute({
  getParentRoute: () => task,
  path: "/",
  component: lazyRouteComponent(() => loadPart(() => import("../tasks/description-page")), "DescriptionPage"),
});

const taskFiles = createRoute({
  getParentRoute: () => task,
  path: "/files",
  validateSearch: (search: Record<string, unknown>): FileSearch => {
    const line = Number(search["line"]);
    return {
      ...(typeof search["file"] === "string" && search["file"] !== "" && { file: search["file"] }),
      ...(Number.isSafeInteger(line) && line > 0 && { line }),
      ...(search["view"] === "tree" && { view: "tree" as const }),
    };
  },
  component: lazyRouteComponent(() => loadPart(() => import("../files/files-page")), "FilesPage"),
});

const taskRuns = createRoute({
  getParentRoute: () => task,
  path: "/runs",
  component: lazyRouteComponent(() => loadPart(() => import("../workflows/runs-page")), "RunsPage"),
});

const taskRun = createRoute({
  getParentRoute: () => task,
  path: "/runs/$workflowId",
  component: lazyRouteComponent(() => loadPart(() => import("../workflows/run-page")), "RunPage"),
});

const taskVersions = createRoute({
  getParentRoute: () => task,
  path: "/versions",
  component: lazyRouteComponent(() => loadPart(() => import("../tasks/versions-page")), "VersionsPage"),
});

const taskPlans = createRoute({
  getParentRoute: () => task,
  path: "/plans",
  validateSearch: (search: Record<string, unknown>): { new?: true } => (search["new"] === true ? { new: true } : {}),
  component: lazyRouteComponent(() => loadPart(() => import("../plans/plans-page")), "PlansPage"),
});

const taskPlansCompare = createRoute({
  getParentRoute: () => task,
  path: "/plans/compare",
  validateSearch: compareSearchOf,
  component: lazyRouteComponent(() => loadPart(() => import("../plans/compare-page")), "ComparePage"),
});

const plan = createRoute({
  getParentRoute: () => root,
  path: "/plans/$planId",
  validateSearch: planSearchOf,
  component: lazyRouteComponent(() => loadPart(() => import("../plans/plan-page")), "PlanPage"),
});

const docs = createRoute({
  getParentRoute: () => root,
  path: "/docs",
  component: lazyRouteComponent(() => loadPart(() => import("../docs/docs-page")), "DocsPage"),
});

const doc = createRoute({
  getParentRoute: () => root,
  path: "/docs/$page",
  component: lazyRouteComponent(() => loadPart(() => import("../docs/doc-page")), "DocPage"),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => loadPart(() => import("../first-run/welcome-page")), "WelcomePage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/settings-page")), "SettingsPage"),
});

const settingsIndex = createRoute({
  getParentRoute: () => settings,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: `/settings/${settingsSections[0]}`, replace: true });
  },
});

const providers = createRoute({
  getParentRoute: () => settings,
  path: "/providers",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/providers-section")), "ProvidersSection"),
});

const workspaces = createRoute({
  getParentRoute: () => settings,
  path: "/workspaces",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/workspaces-section")), "WorkspacesSection"),
});

const companion = createRoute({
  getParentRoute: () => settings,
  path: "/companion",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/companion-section")), "CompanionSection"),
});

const spending = createRoute({
  getParentRoute: () => settings,
  path: "/spending",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/spending-section")), "SpendingSection"),
});

const tokens = createRoute({
  getParentRoute: () => settings,
  path: "/tokens",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/tokens-section")), "TokensSection"),
});

const retention = createRoute({
  getParentRoute: () => settings,
  path: "/retention",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/retention-section")), "RetentionSection"),
});

const templates = createRoute({
  getParentRoute: () => settings,
  path: "/templates",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/templates-section")), "TemplatesSection"),
});

const audit = createRoute({
  getParentRoute: () => settings,
  path: "/audit",
  component: lazyRouteComponent(() => loadPart(() => import("../audit/audit-section")), "AuditSection"),
});

const appearance = createRoute({
  getParentRoute: () => settings,
  path: "/appearance",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/appearance-section")), "AppearanceSection"),
});

const shortcuts = createRoute({
  getParentRoute: () => settings,
  path: "/shortcuts",
  component: lazyRouteComponent(() => loadPart(() => import("../settings/shortcuts-section")), "ShortcutsSection"),
});

const settingsTree = settings.addChildren([
  settingsIndex,
  providers,
  workspaces,
  companion,
  spending,
  tokens,
  retention,
  templates,
  audit,
  appearance,
  shortcuts,
]);

const taskTree = task.addChildren([taskDescription, taskFiles, taskRuns, taskRun, taskPlans, taskPlansCompare, taskVersions]);

const routeTree = root.addChildren([home, conversation, runtimes, worker, jobs, job, tasks, taskTree, plan, docs, doc, welcome, settingsTree]);

export function createConsoleRouter() {
  // The transcript is wanted soon, whatever page is first.
  setTimeout(() => void loadConversation().catch(() => undefined), 1500);
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    defaultErrorComponent: PageFailed,
    scrollRestoration: false,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
