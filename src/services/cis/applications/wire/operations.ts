import type { Clock } from '../../../../platform/clock/clock.ts';
import type { Database } from '../../../../platform/db/database.ts';
import type { Answer, Call, Operation } from '../../../../platform/http/operation.ts';
import { newSecret, renewSecret, rotateKey, withdrawKey } from '../../../../platform/identity/application-keys.ts';
import {
  type Application,
  findApplication,
  listApplications,
  RegistrationError,
  registerApplication,
  suspendApplication,
} from '../../../../platform/identity/applications.ts';
import { keyShape, registrationShape, shownTo } from '../shapes.ts';
import { base, bodyAs, refuse, requirement } from './dialect.ts';

export type ApplicationParts = {
  readonly db: Database;
  readonly clock: Clock;
  /** In production what a developer registers waits for the operator: products and attributes are rights. */
  readonly statusAtFirst: 'approved' | 'pending';
  /** Makes this process read applications anew. */
  readonly forget: () => void;
};

/** What developers do to their own applications: register, list, change keys, make a secret, suspend. */
export function applicationOperations(parts: ApplicationParts): Operation[] {
  const { db, clock, forget } = parts;
  const operation = (
    name: string,
    method: Operation['method'],
    path: string,
    summary: string,
    handle: Operation['handle'],
    input?: Operation['input'],
  ): Operation => ({
    name: `developer.${name}`,
    method,
    path: `${base}/applications${path}`,
    summary,
    access: requirement,
    audit: method === 'GET' ? 'read' : 'write',
    ...(input ? { input } : {}),
    answers: {
      [method === 'POST' && path === '' ? 201 : 200]: { summary: 'The application; a secret is shown this once' },
      400: { summary: 'What is wrong with which field' },
      401: { summary: 'No valid token' },
      403: { summary: 'The calling application is no portal for developers' },
      404: { summary: 'No such application of this developer' },
    },
    handle: async (call) => {
      try {
        return await handle(call);
      } catch (error) {
        if (error instanceof RegistrationError) throw refuse(400, 'registration', error.message);
        throw error;
      } finally {
        forget();
      }
    },
  });
  const own = (call: Call) => ownApplication(db, call);
  return [
    operation('register-application', 'POST', '', 'Register an application', (call) => register(parts, call), {
      body: registrationShape,
    }),
    operation('list-applications', 'GET', '', 'The applications this developer registered', async (call) => {
      const theirs = await listApplications(db, developerOf(call));
      return { status: 200, body: { applications: theirs.map(shownTo) } };
    }),
    operation('retrieve-application', 'GET', '/:apiKey', 'One application', async (call) => shown(await own(call))),
    operation(
      'rotate-key',
      'POST',
      '/:apiKey/keys',
      'Add a key; the one before it stays good beside it',
      async (call) => {
        const { appId } = await own(call);
        return shown(await rotateKey(db, appId, bodyAs(keyShape, call) as object, clock.now()));
      },
      { body: keyShape },
    ),
    operation('withdraw-key', 'DELETE', '/:apiKey/keys/:kid', 'End a key at once', async (call) => {
      const { appId } = await own(call);
      return shown(await withdrawKey(db, appId, call.params.kid as string, clock.now()));
    }),
    operation('renew-secret', 'POST', '/:apiKey/secret', 'Make a new client secret', async (call) => {
      const { appId } = await own(call);
      return { status: 200, body: { apiKey: appId, secret: await renewSecret(db, appId, clock.now()) } };
    }),
    operation(
      'suspend-application',
      'POST',
      '/:apiKey/suspend',
      'No more tokens; those there are end',
      async (call) => {
        const { appId } = await own(call);
        await suspendApplication(db, appId, clock);
        return shown(await findApplication(db, appId));
      },
    ),
  ];
}

async function register({ db, clock, statusAtFirst }: ApplicationParts, call: Call): Promise<Answer> {
  const { modes, withSecret, ...told } = bodyAs(registrationShape, call);
  const secret = withSecret ? newSecret() : undefined;
  const wanted = { ...told, mode: modes, secret, status: statusAtFirst, registeredBy: developerOf(call) };
  const application = await registerApplication(db, wanted, clock.now());
  return { status: 201, body: { ...shownTo(application), ...(secret === undefined ? {} : { secret }) } };
}

/** Who is behind the portal: its user, or the portal itself. */
function developerOf({ principal }: Call): string {
  return principal?.userId === undefined ? `app ${principal?.appId}` : `user ${principal.userId}`;
}

/** Somebody else's application is answered as none at all. */
async function ownApplication(db: Database, call: Call): Promise<Application> {
  const application = await findApplication(db, call.params.apiKey as string);
  if (!application || application.registeredBy !== developerOf(call))
    throw refuse(404, 'application', 'There is no such application of yours');
  return application;
}

function shown(application: Application | undefined): Answer {
  if (!application) throw refuse(404, 'application', 'There is no such application of yours');
  return { status: 200, body: shownTo(application) };
}
