using '../main.bicep'

param name = 'dev'
param environment = 'dev'
param dataStorageName = 'tieringdevprojects'
param createDataStorage = true
param softDeleteDays = 7
param alertEmails = ['tiering-dev@example.org']
param durableMonitor = false
param serviceSettings = { TIERING_NIGHTLY_COOLING: 'true', TIERING_NIGHT_LIMIT: '3' }
// The object id of the group whose members may set the vault's secrets: az ad group show --group NAME --query id
param vaultAdministrators = ''
// The object id of this environment's service connection: az ad sp show --id APPLICATION-ID --query id
param deployerPrincipalId = ''
param agentDigest = readEnvironmentVariable('AGENT_DIGEST', '')
