/** Loaded before a service, which then finds two addresses of `localhost`, whatever the machine has in its /etc/hosts. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';

const ADDRESSES = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
const { lookup } = dns;

dns.lookup = (host, ...rest) => {
  const found = rest.at(-1);
  if (host !== 'localhost') return lookup(host, ...rest);
  if (rest[0].all) return process.nextTick(found, null, ADDRESSES);
  return process.nextTick(found, null, ADDRESSES[0].address, ADDRESSES[0].family);
};
const resolve = dns.promises.lookup;
dns.promises.lookup = (host, options) =>
  host === 'localhost' && options?.all ? Promise.resolve(ADDRESSES) : resolve(host, options);
syncBuiltinESMExports();
