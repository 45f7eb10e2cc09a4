import { expect, test } from 'vitest'
import type { Refusal } from '../../src/refusals.ts'
import { allowedAddresses, isPublic } from '../../src/webhooks/sending/addresses.ts'
import { webhookUrl } from '../../src/webhooks/sending/url.ts'

test.each([
  ...['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2800:200::1'],
  '::ffff:8.8.8.8',
])('%s is an address of the internet', address => {
  expect(isPublic(address)).toBe(true)
})

test.each([
  ...['127.0.0.1', '127.255.0.1', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
  ...[
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  ...[
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::10.0.0.1',
    'fe80::1',
    'fc00::1',
    'fd00:ec2::254',
  ],
  ...[
    'fec0::1',
    'ff02::1',
    '64:ff9b::10.0.0.1',
    '64:ff9b:1::10.0.0.1',
    '2002:0a00:0001::',
    '2002:7f00:1::1',
    '2001::1',
  ],
  ...['2001:db8::1', '100::1', '4000::1', '5f00::1'],
])('%s is an address of a machine, a network or nobody', address => {
  expect(isPublic(address)).toBe(false)
})

test('what is named is allowed, and nothing beside it', () => {
  const allowed = allowedAddresses(['127.0.0.1', '10.1.0.0/16', '::1'])
  const fit = ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', '::1', '8.8.8.8']
  const unfit = ['127.0.0.2', '10.2.0.1', '::2', '169.254.169.254']
  expect(fit.map(address => [address, allowed.isAllowed(address)])).toEqual(fit.map(address => [address, true]))
  expect(unfit.map(address => [address, allowed.isAllowed(address)])).toEqual(unfit.map(address => [address, false]))
  expect(allowed.isNamed('8.8.8.8')).toBe(false)
})

const why = (text: string, named: string[] = []) => {
  try {
    return { url: webhookUrl(text, allowedAddresses(named)) }
  } catch (error) {
    expect((error as Refusal).code).toBe('webhook-url-refused')
    return (error as Refusal).fields[0]!.message
  }
}

test.each([
  ['https://hooks.caja.example/qullqi', 'https://hooks.caja.example/qullqi'],
  ['https://hooks.caja.example:443/a?b=c', 'https://hooks.caja.example/a?b=c'],
  ['HTTPS://Hooks.Caja.Example:8443', 'https://hooks.caja.example:8443/'],
  ['https://8.8.8.8/', 'https://8.8.8.8/'],
  ['https://[2606:4700:4700::1111]/', 'https://[2606:4700:4700::1111]/'],
])('%s may be posted to', (text, url) => {
  expect(why(text)).toEqual({ url })
})

test.each([
  ['hooks.caja.example', 'is no URL'],
  ['http://hooks.caja.example/', 'must begin with https://'],
  ['ftp://hooks.caja.example/', 'must begin with https://'],
  ['file:///etc/passwd', 'must begin with https://'],
  ['https://user:secret@hooks.caja.example/', 'must have no user and no password in it'],
  ['https://hooks.caja.example/#part', 'must have no fragment'],
  ['https://hooks.caja.example:25/', 'must have port 443, or one from 1024 on'],
  ['https://127.0.0.1/', 'leads to an address that is not public'],
  ['https://127.1/', 'leads to an address that is not public'],
  ['https://2130706433/', 'leads to an address that is not public'],
  ['https://0x7f.0.0.1/', 'leads to an address that is not public'],
  ['https://0177.0.0.1/', 'leads to an address that is not public'],
  ['https://[::1]/', 'leads to an address that is not public'],
  ['https://[::ffff:10.0.0.1]/', 'leads to an address that is not public'],
  ['https://169.254.169.254/latest/meta-data', 'leads to an address that is not public'],
])('%s may not be posted to: it %s', (text, message) => {
  expect(why(text)).toBe(message)
})

test('in clear it goes only to an address that is named', () => {
  const named = ['127.0.0.1']
  expect(why('http://127.0.0.1:8080/', named)).toEqual({ url: 'http://127.0.0.1:8080/' })
  expect(why('http://8.8.8.8:8080/', named)).toBe('must begin with https://')
  expect(why('http://127.0.0.2:8080/', named)).toBe('leads to an address that is not public')
})
