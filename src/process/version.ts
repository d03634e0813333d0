import project from "../../deno.json" with { type: "json" };

/** Of the program, as CHANGELOG.md names its releases. */
export const version: string = project.version;
