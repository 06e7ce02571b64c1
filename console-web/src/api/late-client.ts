import type { DescService } from "@bufbuild/protobuf";
import { type Client, type Transport, createClient } from "@connectrpc/connect";

type Unary = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * A client for unary calls whose service is described by a file that the first
 * call loads. A file that did not come is asked for again by the next call.
 */
export function lateClient<S extends DescService>(load: () => Promise<S>, transport: Transport): Client<S> {
  let client: Promise<Record<string, Unary>> | undefined;
  const loaded = () =>
    (client ??= load().then(
      (service) => createClient(service, transport) as unknown as Record<string, Unary>,
      (cause: unknown) => {
        client = undefined;
        throw cause;
      },
    ));
  return new Proxy({} as Client<S>, {
    get: (_, method) => async (...args: readonly unknown[]) => {
      const call = (await loaded())[String(method)];
      if (call === undefined) {
        throw new TypeError(`the service has no method ${String(method)}`);
      }
      return call(...args);
    },
  });
}
