using '../main.bicep'

param name = 'prod'
param environment = 'prod'
// Euphrosyne's account, which holds the projects already.
param dataStorageName = 'euphrosyneprojects'
param createDataStorage = false
param projectsPrefix = 'projects'
param softDeleteDays = 30
param alertEmails = ['tiering-prod@example.org']
param alwaysReadyInstances = 2
param runningTransfers = 8
param euphrosyneUrl = 'https://euphrosyne.example.org'
// The object id of the group whose members may set the vault's secrets: az ad group show --group NAME --query id
param vaultAdministrators = ''
// The object id of this environment's service connection: az ad sp show --id APPLICATION-ID --query id
param deployerPrincipalId = ''
param agentDigest = readEnvironmentVariable('AGENT_DIGEST', '')
