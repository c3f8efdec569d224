/** What to do about a place in the account that did not answer, by the reason that the call gave. */
export const accountAdvice = (reason: string): string => {
  if (/^(CredentialsProviderError|ExpiredToken|InvalidAccessKeyId|TokenProviderError)/.test(reason))
    return "log in to the plan's account first (AWS_PROFILE, aws sso login)";
  if (reason.startsWith("NoSuchBucket")) return "deploy the plan's stages first (docs/deploy.md)";
  return "run this again when it can be reached with your credentials";
};
