import { parseKcd } from '@bsd-sockets/can/kcd';
import { packSignals, unpackSignals } from '@bsd-sockets/can/signals';
import { expect, test } from 'vitest';

const network = (inner: string) => `<?xml version="1.0" encoding="UTF-8"?>
<NetworkDefinition xmlns="http://kayak.2codeornot2code.org/1.0">
  <Document name="Pump &amp; tank"><!-- what nobody reads --></Document>
  <Node id="1" name="Pump"/><Node id="2" name="Display"/>
  ${inner}
</NetworkDefinition>`;

const message = (inner: string, attributes = '') =>
  network(`<Bus name="Main"><Message id="0x1A0" name="Tank" ${attributes}>${inner}</Message></Bus>`);
const tankOf = (inner: string, attributes?: string) => parseKcd(message(inner, attributes)).buses[0]!.messages[0]!;

test('a description has nodes, buses, messages and signals', () => {
  const text = network(`
    <Bus name="Main" baudrate="125000">
      <Message id="0x1A0" name="Tank" format="extended" length="8" interval="200" triggered="true">
        <Producer><NodeRef id="1"/></Producer>
        <Signal name="level" offset="12" length="12" endianess="big" spn="96">
          <Consumer><NodeRef id="2"/><NodeRef id="1"/></Consumer>
          <Value type="signed" slope="0.5" intercept="-40" unit="%" min="-10" max="1e2" defaultValue="7"/>
          <LabelSet>
            <Label name="empty" value="0"/><Label type="error" name="no &quot;sensor&quot;" value="0x7ff"/>
            <LabelGroup name="reserved" from="1000" to="1023"/>
          </LabelSet>
        </Signal>
      </Message>
      <Message id="0x7" name="Nothing"/>
    </Bus>
    <Bus name="Other"/>`);
  expect(parseKcd(text)).toEqual({
    nodes: [
      { id: '1', name: 'Pump' },
      { id: '2', name: 'Display' },
    ],
    buses: [
      {
        name: 'Main',
        baudrate: 125_000,
        messages: [
          {
            name: 'Tank',
            id: 0x1a0,
            extended: true,
            length: 8,
            interval: 200,
            triggered: true,
            producers: ['1'],
            multiplexors: [],
            signals: [
              {
                name: 'level',
                start: 11,
                length: 12,
                byteOrder: 'big',
                type: 'signed',
                factor: 0.5,
                offset: -40,
                unit: '%',
                min: -10,
                max: 100,
                initial: 7,
                spn: '96',
                labels: { 0: 'empty', 2047: 'no "sensor"' },
                consumers: ['2', '1'],
              },
            ],
          },
          {
            name: 'Nothing',
            id: 7,
            extended: false,
            length: 0,
            interval: 0,
            triggered: false,
            producers: [],
            multiplexors: [],
            signals: [],
          },
        ],
      },
      { name: 'Other', baudrate: 500_000, messages: [] },
    ],
  });
});

test('its signals are packed and unpacked as they are described', () => {
  const { signals, multiplexors, length } = tankOf(`
    <Multiplex name="page" offset="0" length="4">
      <MuxGroup count="1"><Signal name="level" offset="8" length="16"><Value slope="0.1"/></Signal></MuxGroup>
      <MuxGroup count="2">
        <Signal name="level" offset="16" length="16" endianess="big"/>
        <Signal name="voltage" offset="32" length="32"><Value type="single"/></Signal>
      </MuxGroup>
    </Multiplex>
    <Signal name="valid" offset="7"/>`);
  expect([multiplexors, length]).toEqual([['page'], 8]);
  const data = (hex: string) => Buffer.from(hex, 'hex');
  expect(unpackSignals(data('8164000000000000'), signals)).toEqual({ page: 1, level: 10, valid: 1 });
  expect(unpackSignals(data('020001020000c03f'), signals)).toEqual({ page: 2, level: 258, voltage: 1.5, valid: 0 });
  expect(packSignals(Buffer.alloc(length), signals, { level: 258, page: 2, voltage: 1.5 })).toEqual(
    data('020001020000c03f'),
  );
});

test('a message is as long as it says, or as its signals need', () => {
  expect(tankOf('<Signal name="a" offset="0" length="9"/>').length).toBe(2);
  expect(tankOf('<Signal name="a" offset="4" length="8" endianess="big"/>', 'length="auto"').length).toBe(2);
  expect(tankOf('<Signal name="a" offset="0"/>', 'length="3"').length).toBe(3);
});

test('what is no such description is refused with its place', () => {
  for (const [text, told] of [
    ['hello', 'text: no XML: '],
    ['<NetworkDefinition><Bus>', 'text: no XML: '],
    ['<html/>', 'text: expected a NetworkDefinition'],
    [message('<Signal name="a"/>'), 'Signal a: offset: expected a number, got undefined'],
    [message('<Signal name="a" offset="x"/>'), "Signal a: offset: expected a number, got 'x'"],
    [message('<Signal name="a" offset="1" length=""/>'), 'Signal a: length'],
    [message('<Signal offset="1"/>'), 'Signal : name: expected a text'],
    [message('<Signal name="a" offset="1" endianess="middle"/>'), 'Signal a: endianess: expected little or big'],
    [message('<Signal name="a" offset="1"><Value type="text"/></Signal>'), 'Value : type: expected unsigned or signed'],
    [message('<Signal name="a" offset="1"><Value slope="fast"/></Signal>'), 'Value : slope'],
    [message('', 'format="long"'), 'Message Tank: format: expected standard or extended'],
    [network('<Bus name="B"><Message id="0xyz" name="M"/></Bus>'), 'Message M: id: expected a hexadecimal number'],
    [network('<Bus/>'), 'Bus : name'],
  ] as const) {
    expect(() => parseKcd(text)).toThrow(told);
    expect(() => parseKcd(text)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }));
  }
  expect(() => parseKcd(Buffer.from('') as any)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARG_TYPE' }));
});
