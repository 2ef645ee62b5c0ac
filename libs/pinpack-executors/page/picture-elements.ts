// The nodes, edges and colours of the dependency picture.
import type { ElementDefinition, StylesheetJson } from 'cytoscape';
import { shorten } from './format.js';
import type { Model } from './model.js';

export function elementsOf({ pins, cycles }: Model): ElementDefinition[] {
  const inCycle = new Set(cycles.flat());
  const nodes = pins.map((pin): ElementDefinition => {
    const classes = [
      ...(pin.roots.length > 0 ? ['direct'] : []),
      ...(pin.vulnerabilities.length > 0 ? ['vulnerable'] : []),
      ...(inCycle.has(pin.index) ? ['cycle'] : []),
    ];
    const [x, y] = pin.at;
    return {
      data: { id: String(pin.index), label: shorten(pin.name, 24) },
      position: { x, y },
      classes,
    };
  });
  const edges = pins.flatMap(({ index, requires }) =>
    [...new Set(requires.map(([target]) => target))].map((target): ElementDefinition => ({
      data: { id: `${index}-${target}`, source: String(index), target: String(target) },
      classes:
        inCycle.has(index) && cycles.some((members) => members.includes(index) && members.includes(target))
          ? ['cycle']
          : [],
    })),
  );
  return [...nodes, ...edges];
}

/** The colours are those of the page's style. */
export function stylesheet(isLarge: boolean): StylesheetJson {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const line = { width: 1, 'line-color': color('line-strong'), 'target-arrow-color': color('line-strong') };
  const arrow = {
    'curve-style': 'bezier',
    'target-arrow-shape': 'triangle',
    'arrow-scale': 0.7,
    'source-endpoint': '90deg',
    'target-endpoint': '270deg',
  } as const;
  return [
    {
      selector: 'node',
      style: {
        shape: 'round-rectangle',
        width: 180,
        height: 24,
        label: 'data(label)',
        'font-size': 13,
        'font-family': 'system-ui, sans-serif',
        'text-valign': 'center',
        'text-halign': 'center',
        'min-zoomed-font-size': 5,
        color: color('text'),
        'background-color': color('surface-2'),
        'border-width': 1,
        'border-color': color('line-strong'),
      },
    },
    { selector: 'node.direct', style: { 'background-color': color('accent-soft'), 'border-color': color('accent') } },
    { selector: 'node.vulnerable', style: { 'border-color': color('bad'), 'border-width': 3 } },
    { selector: 'node.cycle', style: { 'border-style': 'dashed', 'border-width': 2 } },
    // Plain lines are several times faster. They lead from left to right too.
    {
      selector: 'edge',
      style: isLarge ? { ...line, 'curve-style': 'haystack', 'haystack-radius': 0 } : { ...line, ...arrow },
    },
    {
      selector: 'edge.cycle',
      style: { 'line-style': 'dashed', 'line-color': color('warn'), 'target-arrow-color': color('warn') },
    },
    {
      selector: 'edge.near',
      style: { ...arrow, 'line-color': color('accent'), 'target-arrow-color': color('accent'), width: 1.6 },
    },
    { selector: '.dim', style: { opacity: 0.2 } },
    {
      selector: 'node.chosen',
      style: { 'background-color': color('accent'), color: color('on-accent'), 'font-weight': 'bold' },
    },
  ];
}
