import type { WireRequest } from "./message.ts";
import type { WireOperation, WireService } from "./protocol.ts";

interface Route {
  readonly operation: WireOperation;
  readonly pattern: RegExp;
  readonly labels: readonly string[];
  /** Query parameters that must be there, with a value where the operation fixes one. */
  readonly query: readonly (readonly [name: string, value: string | undefined])[];
  /** The operation's name as the SDK repeats it in `x-id`. */
  readonly id: string | undefined;
  /** More literal text and more fixed parameters win. */
  readonly weight: number;
}

/** One fixed query parameter says more about the operation than any length of path. */
const FIXED_PARAMETER_WEIGHT = 1000;

const compileRoute = (operation: WireOperation, uri: string): Route => {
  const [path = "/", search = ""] = uri.split("?");
  const labels: string[] = [];
  const source = path
    .replaceAll(/[.*$()|[\]\\^+]/g, (sign) => `\\${sign}`)
    .replaceAll(/\{(\w+)(\\\+)?\}/g, (_whole, name: string, greedy: string | undefined) => {
      labels.push(name);
      return greedy === undefined ? "([^/]+)" : "(.+)";
    });
  const fixed = [...new URLSearchParams(search)];
  const query = fixed
    .filter(([name]) => name !== "x-id")
    .map(([name, value]) => [name, value === "" ? undefined : value] as const);
  return {
    operation,
    pattern: new RegExp(`^${source}/?$`, "s"),
    labels,
    query,
    id: fixed.find(([name]) => name === "x-id")?.[1],
    weight: path.replaceAll(/\{[^}]+\}/g, "").length + query.length * FIXED_PARAMETER_WEIGHT,
  };
};

const compileRoutes = (service: WireService): ReadonlyMap<string, readonly Route[]> => {
  const routes = new Map<string, Route[]>();
  for (const operation of service.operations.values()) {
    if (operation.http === undefined) continue;
    const { method, uri } = operation.http;
    routes.set(method, [...(routes.get(method) ?? []), compileRoute(operation, uri)]);
  }
  for (const list of routes.values()) list.sort((left, right) => right.weight - left.weight);
  return routes;
};

const compiled = new WeakMap<WireService, ReadonlyMap<string, readonly Route[]>>();

const routesOf = (service: WireService): ReadonlyMap<string, readonly Route[]> => {
  const found = compiled.get(service);
  if (found !== undefined) return found;
  const routes = compileRoutes(service);
  compiled.set(service, routes);
  return routes;
};

export interface RouteMatch {
  readonly operation: WireOperation;
  readonly labels: Readonly<Record<string, string>>;
}

const first = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === "string" ? value : value?.[0];

/**
 * Finds the operation that a method, a path and a query address. `isWanted` decides between operations that share an
 * address when the client does not say which one it means.
 */
export const matchRoute = (
  service: WireService,
  request: WireRequest,
  isWanted: (operation: WireOperation) => boolean = () => true,
): RouteMatch | undefined => {
  const id = first(request.query["x-id"]);
  for (const route of routesOf(service).get(request.method) ?? []) {
    if (id !== undefined && route.id !== undefined ? id !== route.id : !isWanted(route.operation)) continue;
    const isQueried = route.query.every(([name, value]) => {
      const given = first(request.query[name]);
      return given !== undefined && (value === undefined || value === given);
    });
    if (!isQueried) continue;
    const match = route.pattern.exec(request.path);
    if (match === null) continue;
    const labels = Object.fromEntries(
      route.labels.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]),
    );
    return { operation: route.operation, labels };
  }
  return undefined;
};
