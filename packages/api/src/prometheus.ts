import type { Labels, Sample } from "@isthmus/kernel";

export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Samples as Prometheus reads them: `isthmus.link.refused` becomes `isthmus_link_refused_total` if it counts; gauges
 * keep their names. Units stand in the names already. Families and their samples come out in order of name.
 */
export function prometheusText(samples: readonly Sample[]): string {
  const families = new Map<string, Sample[]>();
  for (const sample of samples) {
    const name = familyName(sample);
    const family = families.get(name);
    if (family === undefined) families.set(name, [sample]);
    else family.push(sample);
  }
  const lines: string[] = [];
  for (const [name, family] of [...families].sort(byFirst)) {
    const [first] = family;
    if (first === undefined) continue;
    lines.push(`# HELP ${name} ${escapeHelp(first.name)}`, `# TYPE ${name} ${first.kind}`);
    const shown = family
      .map(({ labels, value }): [string, number] => [labelText(labels), value])
      .sort(byFirst);
    for (const [labels, value] of shown) lines.push(`${name}${labels} ${numberText(value)}`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function familyName({ name, kind }: Sample): string {
  const plain = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_").replace(/^(?=[0-9])/, "_");
  return kind === "counter" && !plain.endsWith("_total") ? `${plain}_total` : plain;
}

function labelText(labels: Labels): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key.replaceAll(/[^a-zA-Z0-9_]/g, "_")}="${escapeLabel(labels[key] ?? "")}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function byFirst([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
