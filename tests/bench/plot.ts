/** A line plot as SVG, both axes logarithmic, readable in light and dark. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const [width, height] = [640, 360];
const edge = { left: 70, right: 90, top: 40, bottom: 50 };
const colours = ["#8b949e", "#1a7f37", "#0969da", "#bf3989"];

const style = `
  svg { font: 13px system-ui, sans-serif; --ink: #1f2328; --grid: #d1d9e0 }
  @media (prefers-color-scheme: dark) { svg { --ink: #f0f6fc; --grid: #3d444d } }
  text { fill: var(--ink) } .grid { stroke: var(--grid) } .line { fill: none; stroke-width: 2 }`;

/** What stands at 10, 100, 1,000 … between two numbers. */
function decades(least: number, most: number): number[] {
  const ticks: number[] = [];
  for (let at = 10 ** Math.floor(Math.log10(least)); at <= most * 1.0001; at *= 10) {
    if (at >= least * 0.9999) ticks.push(at);
  }
  return ticks;
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6} M`;
  return value >= 1e3 ? `${value / 1e3} k` : `${value}`;
}

export function linePlot({ title, xLabel, yLabel, series }: PlotOptions): string {
  const all = series.flatMap(({ points }) => points);
  const xs = [...new Set(all.map(([x]) => x))].sort((a, b) => a - b);
  const ys = all.map(([, y]) => y);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] = [10 ** Math.floor(Math.log10(Math.min(...ys))), Math.max(...ys) * 1.2];
  const place = (value: number, least: number, most: number, from: number, to: number) =>
    (from + (to - from) * Math.log(value / least) / Math.log(most / least)).toFixed(1);
  const x = (value: number) => place(value, x0, x1, edge.left, width - edge.right);
  const y = (value: number) => place(value, y0, y1, height - edge.bottom, edge.top);
  const right = width - edge.right;
  const parts = [
    `<text x="${edge.left}" y="24" font-weight="600">${title}</text>`,
    ...decades(y0, y1).map((tick) =>
      `<path class="grid" d="M${edge.left} ${y(tick)}H${right}"/>` +
      `<text x="${edge.left - 8}" y="${y(tick)}" dy="4" text-anchor="end">${short(tick)}</text>`
    ),
    ...xs.map((tick) =>
      `<text x="${x(tick)}" y="${height - edge.bottom + 18}" text-anchor="middle">${tick}</text>`
    ),
    `<text x="${(edge.left + right) / 2}" y="${height - 10}" text-anchor="middle">${xLabel}</text>`,
    `<text x="16" y="${height / 2}" text-anchor="middle" transform="rotate(-90 16 ${
      height / 2
    })">${yLabel}</text>`,
    ...series.map(({ name, points }, n) => {
      const colour = colours[n % colours.length];
      const path = points.map(([px, py], at) => `${at === 0 ? "M" : "L"}${x(px)} ${y(py)}`);
      const [, last = y0] = points.at(-1) ?? [];
      return `<path class="line" stroke="${colour}" d="${path.join("")}"/>` +
        `<text x="${right + 8}" y="${y(last)}" dy="4" style="fill:${colour}">${name}</text>`;
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-label="${title}">\n<style>${style}\n</style>\n${parts.join("\n")}\n</svg>\n`;
}
