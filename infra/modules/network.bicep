// A virtual network for app and agents, with private endpoints of the storage accounts in it. Vault, registry, Application Insights and the app's own
// address stay public, opened by sign-in alone: whoever deploys, sets secrets or asks the app comes from outside.
param location string
param name string
param tags object

@description('Of the network, /22 or larger: four subnets of /24 are taken from it.')
param addressRange string

@description('Whether there is a subnet for Durable Functions Monitor.')
param withMonitor bool

param hostStorageId string
param stateStorageId string
param dataStorageId string

var endpoints = [
  { name: 'host-blob', accountId: hostStorageId, service: 'blob' }
  { name: 'host-queue', accountId: hostStorageId, service: 'queue' }
  { name: 'host-table', accountId: hostStorageId, service: 'table' }
  { name: 'state-blob', accountId: stateStorageId, service: 'blob' }
  { name: 'state-table', accountId: stateStorageId, service: 'table' }
  { name: 'data-blob', accountId: dataStorageId, service: 'blob' }
  { name: 'data-file', accountId: dataStorageId, service: 'file' }
]
var services = ['blob', 'file', 'queue', 'table']

// Flex Consumption and Container Apps each want a subnet of their own, given over to Microsoft.App/environments. Flex takes no underscores in its name.
// Source: https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to, "Enable virtual network integration".
var functionsAndJobs = [{ name: 'only', properties: { serviceName: 'Microsoft.App/environments' } }]
var webApps = [{ name: 'only', properties: { serviceName: 'Microsoft.Web/serverFarms' } }]
var monitorSubnet = {
  name: 'monitor'
  properties: { addressPrefix: cidrSubnet(addressRange, 24, 3), delegations: webApps }
}
var subnets = concat(
  [
    { name: 'app', properties: { addressPrefix: cidrSubnet(addressRange, 24, 0), delegations: functionsAndJobs } }
    { name: 'agents', properties: { addressPrefix: cidrSubnet(addressRange, 24, 1), delegations: functionsAndJobs } }
    { name: 'endpoints', properties: { addressPrefix: cidrSubnet(addressRange, 24, 2) } }
  ],
  withMonitor ? [monitorSubnet] : []
)

// Subnets stand in the network: as resources of their own, a second deployment would take them out and put them back.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'tiering-${name}-network'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressRange] }
    subnets: subnets
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for service in services: {
    name: 'privatelink.${service}.${environment().suffixes.storage}'
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (service, index) in services: {
    parent: zones[index]
    name: 'tiering-${name}'
    location: 'global'
    tags: tags
    properties: { virtualNetwork: { id: network.id }, registrationEnabled: false }
  }
]

// One after the other: an account takes one change at a time.
@batchSize(1)
resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for endpoint in endpoints: {
    name: 'tiering-${name}-${endpoint.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: '${network.id}/subnets/endpoints' }
      privateLinkServiceConnections: [
        { name: endpoint.name, properties: { privateLinkServiceId: endpoint.accountId, groupIds: [endpoint.service] } }
      ]
    }
  }
]

@batchSize(1)
resource endpointNames 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (endpoint, index) in endpoints: {
    parent: privateEndpoints[index]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: endpoint.service, properties: { privateDnsZoneId: zones[indexOf(services, endpoint.service)].id } }
      ]
    }
  }
]

output appSubnetId string = '${network.id}/subnets/app'
output agentSubnetId string = '${network.id}/subnets/agents'
output monitorSubnetId string = withMonitor ? '${network.id}/subnets/monitor' : ''
