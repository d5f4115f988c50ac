import Module, { createRequire } from 'node:module';
import { mendEncoder } from './fast-encoder';

type Encoder = {
  buf: Buffer;
  readonly buffer: Buffer;
  size: () => number;
  writeInt32: (value: number) => Encoder;
  writeString: (value: string) => Encoder;
  writeBytes: (bytes: Buffer) => Encoder;
  writeEncoder: (value: unknown) => Encoder;
  writeArray: (values: unknown[]) => Encoder;
  writeEncoderArray: (values: unknown[]) => Encoder;
};
const load = createRequire(__filename);
const file = load.resolve('kafkajs/src/protocol/encoder');
/** A copy of kafkajs' class, so that one can be mended and another not. */
function encoderClass(): new () => Encoder {
  const aside = new Module(file) as Module & { load: (path: string) => void };
  aside.load(file);
  return aside.exports as new () => Encoder;
}
const [Ours, Theirs] = [encoderClass(), encoderClass()];
mendEncoder(Ours.prototype as object);
const both = (write: (Class: new () => Encoder) => Encoder): [Encoder, Encoder] => [write(Ours), write(Theirs)];

it('grows a buffer as far as kafkajs does', () => {
  for (const bytes of [0, 1, 507, 508, 509, 1_020, 1_021, 70_000]) {
    const [ours, theirs] = both((Class) =>
      new Class().writeBytes(Buffer.alloc(3, 'a')).writeBytes(Buffer.alloc(bytes, 'b')),
    );
    expect(ours.buffer.equals(theirs.buffer)).toBe(true);
    expect(ours.buf.length).toBe(theirs.buf.length);
  }
});

// As a request is: batches of partitions in topics in a request in its length.
const sizes = [0, 1, 400, 16_383, 16_384, 16_385, 100_000];
it.each(sizes.flatMap((first) => sizes.map((second) => [first, second] as const)))(
  'writes around batches of %i and %i bytes what kafkajs does',
  (first, second) => {
    const [ours, theirs] = both((Class) => {
      const batches = [first, second].map((bytes) => ({
        buf: Buffer.alloc(bytes, 'b'),
        buffer: Buffer.alloc(bytes, 'b'),
      }));
      const partitions = batches.map((batch, i) => new Class().writeInt32(i).writeEncoder(batch).writeInt32(7));
      const topics = [
        new Class().writeString('one').writeArray(partitions),
        new Class().writeString('none').writeArray([]),
        new Class().writeString('other').writeEncoderArray(partitions),
      ];
      const request = new Class().writeString('client').writeArray(topics).writeBytes(Buffer.alloc(600, 'e'));
      return new Class().writeInt32(request.size()).writeEncoder(request).writeInt32(9);
    });
    expect(ours.size()).toBe(theirs.size());
    expect(ours.buffer.equals(theirs.buffer)).toBe(true);
    // Asked for again, as is done for a line of the log, and written on.
    expect(ours.writeInt32(1).buffer.equals(theirs.writeInt32(1).buffer)).toBe(true);
    expect(ours.size()).toBe(theirs.size());
  },
);

it('refuses what is no encoder, as kafkajs does', () => {
  for (const value of [null, undefined, {}, { buf: 'text' }])
    for (const encoder of [new Ours(), new Theirs()])
      expect(() => encoder.writeEncoder(value)).toThrow('value should be an instance of Encoder');
});
