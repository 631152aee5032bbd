// Two accounts: one for what is under way (the Functions host's task hub, the folders of transfer jobs), which would have to begin anew without it, and
// one for what Tiering knows, which nobody may lose.
param location string
@minLength(3)
@maxLength(24)
param hostStorageName string
@minLength(3)
@maxLength(24)
param stateStorageName string
param tags object
param softDeleteDays int
param appIdentityName string
param agentIdentityName string
param appPrincipalId string
param agentPrincipalId string

@description('Who deploys, and looks at the task hub before; empty for nobody.')
param deployerPrincipalId string

param workspaceId string

@description('Whether the accounts have public addresses.')
@allowed(['Enabled', 'Disabled'])
param publicAccess string

@description('Days after which what is left of a transfer job\'s folder is removed.')
param jobFolderDays int

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var storageBlobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var storageTableDataReader = '76199698-9eea-4c19-bc75-cec21354c6b6'

resource hostStorage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: hostStorageName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowCrossTenantReplication: false
    publicNetworkAccess: publicAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess == 'Enabled' ? 'Allow' : 'Deny'
    }
  }
}

resource hostBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: hostStorage
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: hostBlobs
  name: 'packages'
  properties: { publicAccess: 'None' }
}

// Here, where blobs have no versions: an agent replaces its progress.json every five seconds for days.
resource jobFolders 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: hostBlobs
  name: 'jobs'
  properties: { publicAccess: 'None' }
}

// The app archives and removes folders earlier: this is for what it knows nothing of.
resource cleaning 'Microsoft.Storage/storageAccounts/managementPolicies@2023-05-01' = {
  parent: hostStorage
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'job-folders'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${jobFolders.name}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: jobFolderDays } } }
          }
        }
      ]
    }
  }
}

resource stateStorage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: stateStorageName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowCrossTenantReplication: false
    publicNetworkAccess: publicAccess
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess == 'Enabled' ? 'Allow' : 'Deny'
    }
  }
}

resource stateBlobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: stateStorage
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  }
}

resource manifests 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: stateBlobs
  name: 'manifests'
  properties: { publicAccess: 'None' }
}

resource stateTables 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' = {
  parent: stateStorage
  name: 'default'
}

resource stateTablesLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: stateTables
  name: 'writes'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

// The host: leases and packages in blobs, the task hub in queues and tables.
resource appHostRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor]: {
    scope: hostStorage
    name: guid(hostStorage.id, appIdentityName, role)
    properties: {
      principalId: appPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

// The pipeline: it replays the live orchestrations before it deploys. The account, because the host makes the hub's tables and container itself.
resource deployerReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [storageBlobDataReader, storageTableDataReader]: if (deployerPrincipalId != '') {
    scope: hostStorage
    name: guid(hostStorage.id, deployerPrincipalId, role)
    properties: {
      principalId: deployerPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource appTables 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: stateStorage
  name: guid(stateStorage.id, appIdentityName, storageTableDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageTableDataContributor)
  }
}

resource appManifests 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: manifests
  name: guid(manifests.id, appIdentityName, storageBlobDataContributor)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
  }
}

// The app owns the whole account's blobs already.
resource agentJobFolders 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: jobFolders
  name: guid(jobFolders.id, agentIdentityName, storageBlobDataContributor)
  properties: {
    principalId: agentPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
  }
}

output hostStorageId string = hostStorage.id
output hostStorageEndpoints object = hostStorage.properties.primaryEndpoints
output stateStorageId string = stateStorage.id
output packageContainerUrl string = '${hostStorage.properties.primaryEndpoints.blob}${packages.name}'
output tablesUrl string = stateStorage.properties.primaryEndpoints.table
output manifestsContainerUrl string = '${stateStorage.properties.primaryEndpoints.blob}${manifests.name}'
output jobsContainerUrl string = '${hostStorage.properties.primaryEndpoints.blob}${jobFolders.name}'
