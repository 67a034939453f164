// Starts fauxqs on 127.0.0.1 at the port given, and says so on stdout. (Its own CLI listens on every address.)
import { buildApp } from 'fauxqs';

const port = Number(process.argv[2]);
if (!Number.isInteger(port) || port < 1 || port > 65535) {
  console.error('usage: fauxqs.mjs PORT');
  process.exit(2);
}
const app = await buildApp({ logger: false, host: '127.0.0.1' });
await app.listen({ port, host: '127.0.0.1' });
console.log(`ready ${port}`);
