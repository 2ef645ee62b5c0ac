// Places pins for the dependency picture: each pin is right of what requires it, and pins of a cycle are together. Pure.

export interface DependencyLayout {
  /** Position of each node. */
  positions: [number, number][];
  /** Nodes that reach each other, sorted. */
  cycles: number[][];
}

const COLUMN_WIDTH = 250;
const ROW_HEIGHT = 36;
/** Width of the picture of a large set, divided by its height: longer columns are split. */
const ASPECT = 1.6;
const SHORTEST_SPLIT = 40;
const SWEEPS = 4;

/** @param edges - the targets of each node */
export function layoutDependencies(edges: readonly (readonly number[])[]): DependencyLayout {
  const components = stronglyConnected(edges);
  const order = orderColumns(columnsOf(edges, components), edges);
  const positions = edges.map((): [number, number] => [0, 0]);
  splitColumns(order).forEach((column, x) => {
    column.forEach((node, y) => {
      positions[node] = [x * COLUMN_WIDTH, (y - (column.length - 1) / 2) * ROW_HEIGHT];
    });
  });
  const isCycle = ([first = 0, ...rest]: number[]): boolean =>
    rest.length > 0 || edges[first]?.includes(first) === true;
  return { positions, cycles: components.filter(isCycle).map((nodes) => nodes.sort((a, b) => a - b)) };
}

/** Tarjan's algorithm with a stack of its own, because chains may be long. Components come after those that they lead to. */
function stronglyConnected(edges: readonly (readonly number[])[]): number[][] {
  const found: number[][] = [];
  const index = new Map<number, number>();
  const low: number[] = [];
  const open: number[] = [];
  const isOpen = new Set<number>();
  const enter = (node: number): { node: number; next: number } => {
    low[node] = index.size;
    index.set(node, index.size);
    open.push(node);
    isOpen.add(node);
    return { node, next: 0 };
  };
  const lower = (node: number, value = 0): void => {
    low[node] = Math.min(low[node] ?? 0, value);
  };
  for (const start of edges.keys()) {
    const calls = index.has(start) ? [] : [enter(start)];
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const target = edges[call.node]?.[call.next++];
      if (target === undefined) {
        calls.pop();
        const caller = calls.at(-1);
        if (caller !== undefined) lower(caller.node, low[call.node]);
        if (low[call.node] === index.get(call.node)) {
          const component = open.splice(open.indexOf(call.node));
          for (const node of component) isOpen.delete(node);
          found.push(component);
        }
      } else if (!index.has(target)) calls.push(enter(target));
      else if (isOpen.has(target)) lower(call.node, index.get(target));
    }
  }
  return found;
}

/** The nodes by their longest distance from a node that nothing requires. */
function columnsOf(edges: readonly (readonly number[])[], components: readonly (readonly number[])[]): number[][] {
  const depth = edges.map(() => 0);
  for (const component of [...components].reverse()) {
    const own = Math.max(...component.map((node) => depth[node] ?? 0));
    for (const node of component) depth[node] = own;
    for (const target of component.flatMap((node) => edges[node] ?? [])) {
      if (!component.includes(target)) depth[target] = Math.max(depth[target] ?? 0, own + 1);
    }
  }
  const columns: number[][] = [];
  depth.forEach((column, node) => (columns[column] ??= []).push(node));
  return columns;
}

/** Orders each column by the mean position of the neighbours, which removes most crossings of edges. */
function orderColumns(columns: readonly number[][], edges: readonly (readonly number[])[]): number[][] {
  const sources = edges.map((): number[] => []);
  edges.forEach((targets, node) => {
    for (const target of targets) sources[target]?.push(node);
  });
  const place = new Map(columns.flatMap((column) => column.map((node, at) => [node, at / column.length] as const)));
  let ordered = [...columns];
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const neighbours = sweep % 2 === 0 ? sources : edges;
    ordered = ordered.map((column) => {
      const mean = new Map(column.map((node) => [node, meanOf(neighbours[node] ?? [], place) ?? place.get(node) ?? 0]));
      const sorted = [...column].sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || a - b);
      sorted.forEach((node, at) => place.set(node, at / sorted.length));
      return sorted;
    });
  }
  return ordered;
}

function meanOf(nodes: readonly number[], place: ReadonlyMap<number, number>): number | undefined {
  if (nodes.length === 0) return undefined;
  return nodes.reduce((sum, node) => sum + (place.get(node) ?? 0), 0) / nodes.length;
}

function splitColumns(columns: readonly number[][]): number[][] {
  const nodes = columns.reduce((sum, { length }) => sum + length, 0);
  const rowsByColumn = COLUMN_WIDTH / ROW_HEIGHT / ASPECT;
  const longest = Math.max(SHORTEST_SPLIT, Math.sqrt(nodes * rowsByColumn), columns.length * rowsByColumn);
  return columns.flatMap((column) => {
    const parts = Math.ceil(column.length / longest);
    return Array.from({ length: parts }, (_, part) => column.filter((_node, at) => at % parts === part));
  });
}
