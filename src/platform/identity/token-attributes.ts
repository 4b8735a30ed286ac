import type { Principal } from './principal.ts';

/**
 * What a token stands for, in the words of the platform's gateway (claims-examples, accessTokenAttributes): every value is
 * text, and of an application without a person the user id is empty.
 */
export function attributesOfToken(principal: Principal): Record<string, string> {
  const isPerson = principal.grant !== undefined && principal.grant !== 'client_credentials';
  const attributes: Record<string, string | undefined> = {
    ...principal.attributes,
    auth_type: isPerson || principal.userId !== undefined || principal.nhsNumber !== undefined ? 'user' : 'app',
    auth_grant_type: principal.grant,
    auth_provider: principal.provider,
    auth_level: principal.level,
    auth_user_id: principal.nhsNumber ?? principal.userId ?? '',
    client_id: principal.appId,
    client_name: principal.clientName,
    asid: principal.asid,
    id_token: principal.idTokenClaims && JSON.stringify(principal.idTokenClaims),
    act_nhs_number: principal.actor,
  };
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
