import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { SpecIssuer } from '../issuer.shared.spec';
import { eventually, gate, shutGate, startNotes } from '../notes-app.shared.spec';

const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

it('ends once it has answered, although its client would use the connection again', async () => {
  const issuer = await SpecIssuer.start();
  const app = await startNotes(issuer.url);
  await app.listen(0, '127.0.0.1');
  shutGate();
  const headers = { authorization: `Bearer ${issuer.token()}`, 'content-type': 'application/json' };
  const asked = request(`${await app.getUrl()}/v1/notes`, { method: 'POST', headers, agent });
  asked.end(JSON.stringify({ text: 'before the end' }));
  await eventually(() => expect(gate.waiting).toBe(1));
  const closed = app.close();
  gate.open();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  expect(answer.statusCode).toBe(201);
  answer.resume();
  await closed;
  // The client by itself would keep it open for more than a minute.
}, 30_000);
