/**
 * The raw limit: one answer for whatever is asked, with nothing before it. Reads the answer as JSON
 * from stdin, prints its port.
 */
const { body, headers } = JSON.parse(await new Response(Deno.stdin.readable).text());

Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) },
  () => new Response(body, { headers }),
);
