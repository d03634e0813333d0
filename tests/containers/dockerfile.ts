/** One instruction of a Dockerfile, its continued lines joined. */
export interface Instruction {
  /** Upper case. */
  readonly name: string;
  /** What stands behind the name. */
  readonly text: string;
  /** The lines of its here-document, where it has one. */
  readonly document?: string;
}

/** The instructions of a Dockerfile, in order; comments left out. */
export function parseDockerfile(source: string): Instruction[] {
  const lines = source.replace(/^\s*#.*\n/gm, "").replace(/\\\n\s*/g, "").split("\n");
  const instructions: Instruction[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    const [, name, text] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || text === undefined) continue;
    const instruction = { name: name.toUpperCase(), text: text.trim() };
    const end = /<<-?"?(\w+)"?/.exec(text)?.[1];
    if (end === undefined) {
      instructions.push(instruction);
      continue;
    }
    const document = lines.splice(0, lines.indexOf(end));
    lines.shift();
    instructions.push({ ...instruction, document: `${document.join("\n")}\n` });
  }
  return instructions;
}

/** The instructions of the last stage, which is the image. */
export function lastStage(instructions: readonly Instruction[]): Instruction[] {
  return instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
}

/**
 * The strings of an instruction's exec form: `CMD ["a", "b"]`, also behind the options of a
 * HEALTHCHECK.
 */
export function execForm(instruction: Instruction | undefined): string[] {
  const json = /\[.*\]$/.exec(instruction?.text ?? "")?.[0] ?? "[]";
  return JSON.parse(json).map(String);
}
