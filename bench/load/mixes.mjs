import { ENDPOINTS } from './endpoints.mjs';

/** What the names of `--mix` stand for: endpoints with their weights. */
export const MIXES = {
  // No whole lists: they grow with what is written, and would soon be all that is measured. No registrations either:
  // a hash of a password takes hundreds of times as much of a core as anything else.
  mixed: {
    'GET /tasks/{id}': 25,
    'GET /notes': 15,
    'GET /notes/{id}': 12,
    'GET /users/{id}': 10,
    'GET /users': 5,
    'GET /items': 5,
    'POST /log': 15,
    'POST /tasks': 4,
    'PUT /tasks/{id}': 4,
    'POST /notes': 2,
    'PUT /notes/{id}': 2,
    'POST /users/{id}/items': 1,
  },
  read: {
    'GET /tasks/{id}': 35,
    'GET /notes': 20,
    'GET /notes/{id}': 20,
    'GET /users/{id}': 15,
    'GET /users': 5,
    'GET /items': 5,
  },
  write: {
    'POST /log': 50,
    'POST /tasks': 15,
    'PUT /tasks/{id}': 15,
    'POST /notes': 8,
    'PUT /notes/{id}': 7,
    'POST /users/{id}/items': 5,
  },
  lists: { 'GET /logs': 1, 'GET /tasks': 1, 'GET /notes/all': 1 },
  register: { 'POST /users': 1 },
};

/**
 * The endpoints and weights of a mix: a name of MIXES, or `GET /tasks=6,POST /log=3`.
 *
 * @throws Error with a sentence where there is no such mix
 */
export function readMix(text) {
  if (Object.hasOwn(MIXES, text)) return MIXES[text];
  const mix = {};
  for (const part of text.split(',')) {
    const [, method, path, weight = '1'] = /^\s*(\w+)\s+(\/[^=\s]*)\s*(?:=\s*(\S+)\s*)?$/.exec(part) ?? [];
    if (path === undefined) throw new Error(`"${part}" is no mix; there are ${known()}.`);
    const endpoint = `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{id}').replace(/(?<=.)\/$/, '')}`;
    if (!Object.hasOwn(ENDPOINTS, endpoint)) {
      throw new Error(
        `It has no requests for "${endpoint}"; there are ${Object.keys(ENDPOINTS).join(', ')}.`,
      );
    }
    if (Object.hasOwn(mix, endpoint)) throw new Error(`${endpoint} is there twice.`);
    if (!/^\d{1,6}(\.\d{1,6})?$/.test(weight) || Number(weight) === 0) {
      throw new Error(`The weight of ${endpoint} must be a number above 0, not "${weight}".`);
    }
    mix[endpoint] = Number(weight);
  }
  return mix;
}

/** Draws endpoints at random, each as often as its weight says. */
export function drawFrom(mix) {
  const endpoints = Object.keys(mix);
  let sum = 0;
  const ends = endpoints.map((endpoint) => (sum += mix[endpoint]));
  return () => {
    const at = Math.random() * sum;
    return endpoints[ends.findIndex((end) => at < end)];
  };
}

function known() {
  return `${Object.keys(MIXES).join(', ')}, and lists such as "GET /tasks=6,POST /log=3"`;
}
