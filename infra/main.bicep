// Everything that Tiering needs in one resource group. Safe to deploy again and again.
targetScope = 'resourceGroup'

@description('Where everything lies. Flex Consumption and Container Apps must be offered there.')
param location string = resourceGroup().location

@description('Part of every name, lower-case letters and digits; the same names come of the same group and name.')
@minLength(2)
@maxLength(8)
param name string

@description('Tells environments apart in tags.')
@allowed(['dev', 'test', 'prod'])
param environment string

@description('The storage account that holds the projects. An account that is there already (Euphrosyne\'s) is named here, with createDataStorage false.')
@minLength(3)
@maxLength(24)
param dataStorageName string

@description('Whether the account of the projects is made here. False: it lies in this resource group already, and only gets its cool container and the roles.')
param createDataStorage bool

@description('The file share that holds HOT.')
param hotShare string = 'projects'

@description('The container that holds COOL.')
param coolContainer string = 'projects-cool'

@description('Folders between the root of share and container and the projects; may be empty.')
param projectsPrefix string = ''

@description('Days for which nothing in COOL can be removed; replaced it can never be while the policy stands. 0 for no such policy. infra/README.md says what is refused then.')
@minValue(0)
@maxValue(146000)
param coolImmutableDays int = 0

@description('Days for which removed blobs, files and versions can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 30

@description('Digest of the agent\'s image in the registry, sha256:... (infra/agent-image). Empty for the first deployment, before there is one: then no job is made, and the app has none to start.')
param agentDigest string = ''

@description('Euphrosyne\'s base URL; empty for Tiering\'s own catalogue.')
param euphrosyneUrl string = ''

@description('Who administers the vault\'s secrets: the object id of a group of Microsoft Entra; empty for nobody.')
param vaultAdministrators string = ''

@description('The principal of the pipeline\'s service connection, which may read the task hub to replay it before a deployment: its object id (not the application\'s); empty for nobody.')
param deployerPrincipalId string = ''

@description('Where alerts go; at least one address, else nobody learns of them.')
@minLength(1)
param alertEmails array

@description('Instances of the app that are always ready, for requests and for orchestrations each.')
@minValue(1)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Instances of the app at most.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('Transfers at a time.')
@minValue(1)
@maxValue(1000)
param runningTransfers int = 4

@description('The longest that one operation may run, in hours. An execution is ended a day later.')
@minValue(1)
@maxValue(480)
param deadlineHours int = 168

@description('Settings of app and agents alike, such as { TIERING_PROOF: \'full\' }: how contents are proved, stall limit, caps, AzCopy. docs/settings.md has them.')
param transferSettings TransferSettings = {}

@description('Settings of the app alone, such as { TIERING_NIGHTLY_COOLING: \'true\' }. docs/settings.md has them.')
param serviceSettings ServiceSettings = {}

@description('Days for which ended orchestrations and job folders stay before they are archived and removed.')
@minValue(1)
@maxValue(3650)
param keepDays int = 90

@description('Whether the storage accounts made here are reached from a virtual network only, in which app and agents then work. To be decided before the first agent: infra/README.md.')
param privateNetwork bool = false

@description('The addresses of that network, /22 or larger; they must not overlap with networks that it is joined to.')
param networkRange string = '10.90.0.0/22'

@description('Whether Durable Functions Monitor is deployed beside the app.')
param durableMonitor bool = false

@description('Application (client) id of the Entra application that signs people in to Durable Functions Monitor; needed with durableMonitor.')
param durableMonitorClientId string = ''

// What is not named here is a mistake in writing, or is not read on Azure.
@sealed()
type TransferSettings = {
  TIERING_PROOF: string?
  TIERING_PROOF_FULL_BYTES: string?
  TIERING_PROOF_MBPS: string?
  TIERING_STALL_MINUTES: string?
  TIERING_TIME_ZONE: string?
  TIERING_LEASE_SECONDS: string?
  AZCOPY_LOG_DIR: string?
  AZCOPY_POLL_INTERVAL_SECONDS: string?
  AZCOPY_DEFAULT_LOG_LEVEL: string?
  AZCOPY_BUFFER_GB: string?
  AZCOPY_CONCURRENT_FILES: string?
  AZCOPY_CONCURRENCY_VALUE: string?
  AZCOPY_CAP_MBPS: string?
  AZCOPY_FILES_PER_JOB: string?
  AZCOPY_DISK_BUDGET_GB: string?
}

@sealed()
type ServiceSettings = {
  TIERING_ACCESS_HOURS: string?
  TIERING_DEADLINE_LEAST_MINUTES: string?
  TIERING_DEADLINE_MBPS: string?
  TIERING_STEP_SECONDS: string?
  TIERING_NIGHTLY_COOLING: string?
  TIERING_NIGHT_LIMIT: string?
  TIERING_NIGHT_START: string?
  TIERING_NIGHT_END: string?
  TIERING_NIGHT_EXCLUDE: string?
  TIERING_PRICES: string?
  TIERING_COST_VETO_MONTHS: string?
  TIERING_START_GRACE_SECONDS: string?
  TIERING_MANAGEMENT_TIMEOUT_SECONDS: string?
  TIERING_TABLE_PREFIX: string?
  TIERING_CALLBACK_DELAY_SECONDS: string?
  TIERING_OUTBOX_DAYS: string?
  OTEL_EXPORTER_OTLP_ENDPOINT: string?
}

var suffix = uniqueString(resourceGroup().id, name)
// Names that role assignments and modules are made of are known before anything is deployed, so that what-if sees them.
var appIdentityName = 'tiering-${name}-app'
var agentIdentityName = 'tiering-${name}-agent'
var hostStorageName = take('tierhost${suffix}', 24)
var jobName = 'tiering-${name}-agent'
var tags = { product: 'tiering', environment: environment }

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: { location: location, appIdentityName: appIdentityName, agentIdentityName: agentIdentityName, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    name: name
    tags: tags
    appIdentityName: appIdentityName
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module state 'modules/state.bicep' = {
  name: 'state'
  params: {
    location: location
    hostStorageName: hostStorageName
    stateStorageName: take('tierstate${suffix}', 24)
    tags: tags
    softDeleteDays: softDeleteDays
    jobFolderDays: keepDays + 90
    publicAccess: privateNetwork ? 'Disabled' : 'Enabled'
    appIdentityName: appIdentityName
    agentIdentityName: agentIdentityName
    appPrincipalId: identities.outputs.appPrincipalId
    agentPrincipalId: identities.outputs.agentPrincipalId
    deployerPrincipalId: deployerPrincipalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module dataAccount 'modules/data-account.bicep' = if (createDataStorage) {
  name: 'data-account'
  params: {
    location: location
    storageName: dataStorageName
    tags: tags
    softDeleteDays: softDeleteDays
    hotShare: hotShare
    publicAccess: privateNetwork ? 'Disabled' : 'Enabled'
  }
}

module data 'modules/data.bicep' = {
  name: 'data'
  dependsOn: [dataAccount]
  params: {
    storageName: dataStorageName
    hotShare: hotShare
    coolContainer: coolContainer
    coolImmutableDays: coolImmutableDays
    appIdentityName: appIdentityName
    agentIdentityName: agentIdentityName
    appPrincipalId: identities.outputs.appPrincipalId
    agentPrincipalId: identities.outputs.agentPrincipalId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  name: 'network'
  params: {
    location: location
    name: name
    tags: tags
    addressRange: networkRange
    withMonitor: durableMonitor
    hostStorageId: state.outputs.hostStorageId
    stateStorageId: state.outputs.stateStorageId
    dataStorageId: data.outputs.storageId
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    location: location
    vaultName: take('tier-${name}-${suffix}', 24)
    tags: tags
    appIdentityName: appIdentityName
    appPrincipalId: identities.outputs.appPrincipalId
    administrators: vaultAdministrators
    workspaceId: monitoring.outputs.workspaceId
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: {
    location: location
    registryName: take('tier${name}${suffix}', 50)
    tags: tags
    agentIdentityName: agentIdentityName
    agentPrincipalId: identities.outputs.agentPrincipalId
  }
}

module jobs 'modules/jobs.bicep' = if (agentDigest != '') {
  name: 'jobs'
  params: {
    location: location
    name: name
    jobName: jobName
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    registryServer: registry.outputs.server
    agentDigest: agentDigest
    agentIdentityId: identities.outputs.agentId
    agentClientId: identities.outputs.agentClientId
    appIdentityName: appIdentityName
    appPrincipalId: identities.outputs.appPrincipalId
    jobsContainerUrl: state.outputs.jobsContainerUrl
    deadlineHours: deadlineHours
    subnetId: privateNetwork ? network!.outputs.agentSubnetId : ''
    transferSettings: transferSettings
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  dependsOn: [jobs] // first the agents: they read the folders of the app before and of the app after
  params: {
    location: location
    appName: 'tiering-${name}-${suffix}'
    tags: tags
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    hostStorage: state.outputs.hostStorageEndpoints
    packageContainerUrl: state.outputs.packageContainerUrl
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    subnetId: privateNetwork ? network!.outputs.appSubnetId : ''
    chosenSettings: union(transferSettings, serviceSettings)
    settings: {
      DATA_BACKEND: 'azure_fileshare'
      DATA_BACKEND_COOL: 'azure_blob'
      DATA_PROJECTS_LOCATION_PREFIX: projectsPrefix
      AZURE_STORAGE_ACCOUNT: dataStorageName
      AZURE_STORAGE_FILESHARE: hotShare
      AZURE_STORAGE_DATA_CONTAINER_COOL: coolContainer
      AZURE_STORAGE_BLOB_ENDPOINT: data.outputs.blobEndpoint
      AZURE_STORAGE_FILE_ENDPOINT: data.outputs.fileEndpoint
      TIERING_TABLES: state.outputs.tablesUrl
      TIERING_MANIFESTS: state.outputs.manifestsContainerUrl
      TIERING_JOBS: state.outputs.jobsContainerUrl
      TIERING_JOB_HOST: 'container-apps'
      TIERING_CONTAINER_JOB: resourceId('Microsoft.App/jobs', jobName)
      AZURE_RESOURCE_MANAGER_ENDPOINT: az.environment().resourceManager
      TIERING_KEEP_DAYS: string(keepDays)
      TIERING_MAX_RUNNING_TRANSFERS: string(runningTransfers)
      TIERING_DEADLINE_HOURS: string(deadlineHours)
      TIERING_TOKEN: vault.outputs.tokenReference
      TIERING_SIGNING_KEY: vault.outputs.signingKeyUrl
      EUPHROSYNE_BACKEND_URL: euphrosyneUrl
      JWT_SECRET_KEY: euphrosyneUrl == '' ? '' : vault.outputs.jwtReference
    }
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: { location: location, name: name, tags: tags, insightsId: monitoring.outputs.insightsId, emails: alertEmails }
}

module monitor 'modules/durable-monitor.bicep' = if (durableMonitor) {
  name: 'durable-monitor'
  // The network depends on it, too, but only where there is one.
  #disable-next-line no-unnecessary-dependson
  dependsOn: [state]
  params: {
    location: location
    monitorName: 'tiering-${name}-dfm-${suffix}'
    tags: tags
    hostStorageName: hostStorageName
    clientId: durableMonitorClientId
    workspaceId: monitoring.outputs.workspaceId
    subnetId: privateNetwork ? network!.outputs.monitorSubnetId : ''
  }
}

output appName string = app.outputs.appName
output appUrl string = app.outputs.url
output vaultName string = vault.outputs.vaultName
output monitorUrl string = durableMonitor ? monitor!.outputs.url : ''
