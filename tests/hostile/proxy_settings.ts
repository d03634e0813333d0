const operations = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
const [, settings] = /^```haproxy\n(.*?)^```$/ms.exec(operations) ?? [];
if (settings === undefined) throw new Error("docs/operations.md prints no settings of HAProxy");

/** The proxy's settings as they are printed for operators, so that the two cannot differ. */
export const proxySettings = settings;
