// Durable Functions Monitor as a function app of its own, in a container, beside Tiering's: a page on the task hub. People sign in by Microsoft Entra, and only
// those who are assigned to the application get in; it can do anything to the instances that it shows.
param location string
param monitorName string
param tags object
param hostStorageName string
@minLength(36)
@maxLength(36)
param clientId string
param workspaceId string

@description('The subnet through which it reaches the task hub; empty for none.')
param subnetId string

@description('The image, with its version. Source: https://github.com/microsoft/DurableFunctionsMonitor, "How to run: as a container".')
param image string = 'scaletone/durablefunctionsmonitor:6.8'

@description('The task hub: hubName in host.json.')
param hubName string = 'Tiering'

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var storageQueueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var storageTableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'

resource hostStorage 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: hostStorageName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: '${monitorName}-plan'
  location: location
  tags: tags
  kind: 'linux'
  sku: { name: 'B1', tier: 'Basic' }
  properties: { reserved: true }
}

resource monitor 'Microsoft.Web/sites@2024-04-01' = {
  name: monitorName
  location: location
  tags: tags
  kind: 'functionapp,linux,container'
  identity: { type: 'SystemAssigned' }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: subnetId == '' ? null : subnetId
    siteConfig: {
      linuxFxVersion: 'DOCKER|${image}'
      alwaysOn: true
      minTlsVersion: '1.2'
      ftpsState: 'Disabled'
      appSettings: [
        { name: 'AzureWebJobsStorage__accountName', value: hostStorageName }
        { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
        { name: 'DFM_HUB_NAME', value: hubName }
        { name: 'FUNCTIONS_EXTENSION_VERSION', value: '~4' }
        { name: 'WEBSITES_ENABLE_APP_SERVICE_STORAGE', value: 'false' }
      ]
    }
  }

  resource signIn 'config' = {
    name: 'authsettingsV2'
    properties: {
      platform: { enabled: true, runtimeVersion: '~1' } // else nobody is asked to sign in
      globalValidation: { requireAuthentication: true, unauthenticatedClientAction: 'RedirectToLoginPage' }
      identityProviders: {
        azureActiveDirectory: {
          enabled: true
          registration: {
            clientId: clientId
            openIdIssuer: '${environment().authentication.loginEndpoint}${subscription().tenantId}/v2.0'
          }
        }
      }
      login: { tokenStore: { enabled: true } }
    }
  }

  // Nobody deploys by password.
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

resource monitorRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [storageBlobDataOwner, storageQueueDataContributor, storageTableDataContributor]: {
    scope: hostStorage
    name: guid(hostStorage.id, monitor.id, role)
    properties: {
      principalId: monitor.identity.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource monitorLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: monitor
  name: 'audit'
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'AppServiceAuthenticationLogs', enabled: true }
      { category: 'AppServiceHTTPLogs', enabled: true }
    ]
  }
}

output url string = 'https://${monitor.properties.defaultHostName}'
