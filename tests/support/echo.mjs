// Prints its address, then a line for each request: what Node's HTTP server and URL reader understood of it.
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const { pathname, searchParams } = new URL(request.url, "http://echo");
  const { method, headers } = request;
  const path = pathname.split("/").map(decodeURIComponent);
  const body = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  console.log(JSON.stringify({ method, path, query: Object.fromEntries(searchParams), headers, body }));
  response.writeHead(201).end();
});

server.listen(0, "127.0.0.1", () => console.log(JSON.stringify(server.address().port)));
