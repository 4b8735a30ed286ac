import { BlockList, isIP } from 'node:net';

/**
 * Networks nobody reaches over the public internet, or that stand for another network (IANA special-purpose registries):
 * own machine, private, link-local with cloud metadata, carrier NAT, tunnels that wrap an IPv4 address, multicast.
 */
const special: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const listOf = (kind: 4 | 6): BlockList => {
  const list = new BlockList();
  for (const [network, bits] of special) {
    if (isIP(network) === kind) list.addSubnet(network, bits, kind === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
};
const special4 = listOf(4);
const special6 = listOf(6);

/** True for an IP address that belongs to the public internet. */
export function isPublicAddress(address: string): boolean {
  // a zone ("fe80::1%eth0") only exists within a link
  if (address.includes('%')) return false;
  const kind = isIP(address);
  if (kind === 4) return !special4.check(address, 'ipv4');
  return kind === 6 && !special6.check(address, 'ipv6');
}
