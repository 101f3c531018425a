import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { peer as daybook } from './peers/daybook/peer.mjs';
import { peer as fastapi } from './peers/fastapi/peer.mjs';
import { peer as floorPg } from './peers/floor-pg/peer.mjs';
import { peer as floor } from './peers/floor/peer.mjs';
import { peer as jsonServer } from './peers/json-server/peer.mjs';
import { peer as nestTypeorm } from './peers/nest-typeorm/peer.mjs';

const PEERS = [daybook, floor, floorPg, nestTypeorm, fastapi, jsonServer];

/** The peers that are asked for by name or by file, and by which name; all, where none is asked for. */
export async function choosePeers(wanted) {
  if (!wanted) return PEERS.map((peer) => ({ peer }));
  return Promise.all(
    wanted.map(async (name) => (name.endsWith('.mjs') ? { peer: await load(name) } : find(name))),
  );
}

/**
 * Those that take part in a scenario on an engine: the one of that very name, or else all variants of its peer.
 * So a variant that is asked for where there are none, as of the floor in reads, stands for its peer.
 */
export function contestantsOf(chosen, scenario, engine) {
  const { endpoints, writes = false } = scenario;
  return chosen
    .filter(({ peer }) => peer.engines.includes(engine))
    .filter(({ peer }) => peer.endpoints === 'all' || endpoints.every((one) => peer.endpoints.includes(one)))
    .flatMap(({ peer, asked }) => {
      const all = peer.variants({ engine, writes }).map((variant) => contestant(peer, variant));
      const exactly = all.filter(({ name }) => name === asked);
      return exactly.length > 0 ? exactly : all;
    })
    .filter(({ name }, index, all) => all.findIndex((one) => one.name === name) === index);
}

function contestant(peer, { suffix, about, environment = {} }) {
  return {
    peer,
    name: suffix ? `${peer.name}-${suffix}` : peer.name,
    about: about ? `${peer.about}; ${about}` : peer.about,
    floor: peer.floor ?? false,
    readyPath: peer.readyPath ?? '/info',
    command(context) {
      const command = peer.command({ ...context, environment });
      return { ...command, environment: { ...command.environment, ...environment } };
    },
  };
}

function find(name) {
  for (const peer of PEERS) {
    const variants = peer.variants({ engine: peer.engines[0], writes: true });
    const names = variants.map((variant) => contestant(peer, variant).name);
    if ([peer.name, ...names].includes(name)) return { peer, asked: name };
  }
  throw new Error(`There is no peer "${name}"; there are ${PEERS.map((peer) => peer.name).join(', ')}.`);
}

async function load(file) {
  const { peer } = await import(pathToFileURL(resolve(file)).href);
  return peer;
}
