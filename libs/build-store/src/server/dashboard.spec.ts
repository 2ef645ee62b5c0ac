// Compares deploy/grafana-dashboard.json with the metrics that the server has.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ServerMetrics } from './metrics.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

interface Dashboard {
  panels: { title: string; targets: { expr: string; legendFormat: string }[] }[];
  templating: { list: { query: string | { query: string } }[] };
}

const dashboard = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana-dashboard.json'), 'utf8')) as Dashboard;

/** Labels by metric, as Prometheus gets them. `job` and `instance` are Prometheus's own. */
async function served(): Promise<Map<string, Set<string>>> {
  const metrics = new ServerMetrics();
  metrics.begin();
  metrics.end({ route: 'cache', method: 'GET', status: 200, seconds: 0.1, bytesIn: 1, bytesOut: 1 });
  metrics.refuse('rate');
  metrics.fault('STORE_UNREACHABLE');
  const found = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of (await metrics.format()).text.matchAll(/^(\w+)(?:\{(.*?)\})? /gm)) {
    const own = [...labels.matchAll(/(\w+)=/g)].map(([, label = '']) => label);
    found.set(name, new Set([...(found.get(name) ?? ['job', 'instance']), ...own]));
  }
  return found;
}

test('every metric and label of the dashboard exists in the server', async () => {
  const metrics = await served();
  for (const { title, targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      const names = [...expr.matchAll(/\b(\w+)\{/g)].map(([, name = '']) => name);
      expect(names.length, title).toBeGreaterThan(0);
      for (const name of names) {
        const labels = metrics.get(name);
        expect(labels, `${title}: ${name}`).toBeDefined();
        const grouped = [...expr.matchAll(/by \((.*?)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
        const matched = [...expr.matchAll(/[{,]\s*(\w+)=/g)].map(([, label = '']) => label);
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
        for (const label of [...grouped, ...matched, ...shown])
          expect([...(labels ?? [])], `${title}: ${expr}`).toContain(label);
      }
    }
  }
  const queries = dashboard.templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : [query.query]));
  for (const query of queries) expect(metrics.has(/\((\w+),/.exec(query)?.[1] ?? '')).toBe(true);
});

test("the dashboard shows every metric of the store, and the server's process", async () => {
  const own = [...(await served()).keys()].filter(
    (name) => name.startsWith('pinpack_store_') && !/_(?:sum|count)$/.test(name),
  );
  const text = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  expect(own.filter((name) => !text.includes(name))).toEqual([]);
});
