// The vault: the signing key of custody certificates, which never leaves it, and the secrets that the app's settings refer to.
param location string
@minLength(3)
@maxLength(24)
param vaultName string
param tags object
param appIdentityName string
param appPrincipalId string
param administrators string
param workspaceId string

var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'
var keyVaultCryptoUser = '12338af0-0e69-4776-bea7-57ae8d297424'
var keyVaultSecretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
  }
}

resource signingKey 'Microsoft.KeyVault/vaults/keys@2023-07-01' = {
  parent: vault
  name: 'certificates'
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    attributes: { enabled: true }
  }
}

resource appSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: signingKey
  name: guid(signingKey.id, appIdentityName, keyVaultCryptoUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultCryptoUser)
  }
}

resource appReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, appIdentityName, keyVaultSecretsUser)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource administratorsWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (administrators != '') {
  scope: vault
  name: guid(vault.id, administrators, keyVaultSecretsOfficer)
  properties: {
    principalId: administrators
    principalType: 'Group'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsOfficer)
  }
}

resource vaultLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}

output vaultName string = vault.name
// With its version: certificates name the key that signed them.
output signingKeyUrl string = signingKey.properties.keyUriWithVersion
// The secrets are put there by hand (docs/azure.md): a template that holds them shows them.
output tokenReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/tiering-token)'
output jwtReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/jwt-secret-key)'
