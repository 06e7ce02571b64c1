import {
  Outlet,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { NewConversationRoute } from "../chat/new-conversation-route";
import { NotFoundPage, PageFailed } from "./fallback-pages";
import { Shell } from "./shell";

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
  component: lazyRouteComponent(loadConversation, "ConversationRoute"),
});

const runtimes = createRoute({
  getParentRoute: () => root,
  path: "/runtimes",
  component: lazyRouteComponent(() => import("../fleet/runtimes-page"), "RuntimesPage"),
});

const worker = createRoute({
  getParentRoute: () => root,
  path: "/runtimes/$runtimeId/$workerId",
  component: lazyRouteComponent(() => import("../fleet/worker-page"), "WorkerPage"),
});

const jobs = createRoute({
  getParentRoute: () => root,
  path: "/jobs",
  validateSearch: (search: Record<string, unknown>): { state?: string } =>
    typeof search["state"] === "string" ? { state: search["state"] } : {},
  component: lazyRouteComponent(() => import("../jobs/jobs-page"), "JobsPage"),
});

const job = createRoute({
  getParentRoute: () => root,
  path: "/jobs/$jobId",
  component: lazyRouteComponent(() => import("../jobs/job-page"), "JobPage"),
});

const docs = createRoute({
  getParentRoute: () => root,
  path: "/docs",
  component: lazyRouteComponent(() => import("../docs/docs-page"), "DocsPage"),
});

const doc = createRoute({
  getParentRoute: () => root,
  path: "/docs/$page",
  component: lazyRouteComponent(() => import("../docs/doc-page"), "DocPage"),
});

const routeTree = root.addChildren([home, conversation, runtimes, worker, jobs, job, docs, doc]);

export function createConsoleRouter() {
  // The transcript is wanted soon, whatever page is first.
  setTimeout(() => void loadConversation(), 1500);
  return createRouter({ routeTree, defaultPreload: "intent", scrollRestoration: false });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
