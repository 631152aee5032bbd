// COOL's container, and who may do what with the projects. The account may be an older one than Tiering.
param storageName string
param hotShare string
param coolContainer string
param coolImmutableDays int
param appIdentityName string
param agentIdentityName string
param appPrincipalId string
param agentPrincipalId string
param workspaceId string

var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var storageFileDataPrivilegedContributor = '69566ab7-960f-475b-8e7c-b3118f30c6bd'
var identities = [
  { name: appIdentityName, principalId: appPrincipalId }
  { name: agentIdentityName, principalId: agentPrincipalId }
]

resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageName
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' existing = {
  parent: storage
  name: 'default'
}

resource files 'Microsoft.Storage/storageAccounts/fileServices@2023-05-01' existing = {
  parent: storage
  name: 'default'
}

resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2023-05-01' existing = {
  parent: files
  name: hotShare
}

resource cool 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: coolContainer
  properties: { publicAccess: 'None' }
}

// Unlocked: it can still be shortened or removed. Locking it, which nobody can take back, is done by hand.
resource immutable 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2023-05-01' = if (coolImmutableDays > 0) {
  parent: cool
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: coolImmutableDays == 0 ? 1 : coolImmutableDays
    allowProtectedAppendWrites: false
  }
}

resource coolRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for identity in identities: {
    scope: cool
    name: guid(cool.id, identity.name, storageBlobDataContributor)
    properties: {
      principalId: identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
    }
  }
]

resource hotRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for identity in identities: {
    scope: share
    name: guid(share.id, identity.name, storageFileDataPrivilegedContributor)
    properties: {
      principalId: identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        storageFileDataPrivilegedContributor
      )
    }
  }
]

resource coolLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: blobs
  name: 'tiering-deletes'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

resource hotLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: files
  name: 'tiering-deletes'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'StorageDelete', enabled: true }]
  }
}

output storageId string = storage.id
output blobEndpoint string = storage.properties.primaryEndpoints.blob
output fileEndpoint string = storage.properties.primaryEndpoints.file
