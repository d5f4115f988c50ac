// A server that reads the body and answers at once: the ceiling of HTTP on this machine with this load generator.
import { createServer } from 'node:http';

const answer = JSON.stringify({ status: 'accepted' });
const server = createServer((request, response) => {
  request.resume().once('end', () => {
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length }).end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' && address ? address.port : 0);
});
process.once('disconnect', () => process.exit());
